"""Options of command lines that choose who proposes confusers."""

from __future__ import annotations

import argparse
import os

from diffmm.utils.chat_endpoint import ChatEndpoint

from .language_model_proposer import EndpointProposer, LocalProposer
from .proposal import FallbackProposer, Propose
from .rule_proposer import RuleProposer


def add_proposer_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options.

    Args:
        parser: Of the command line; it has ``--device``, too.
    """
    group = parser.add_argument_group(
        'who proposes confusers to the agent', 'by default rules on the words'
    )
    group.add_argument(
        '--endpoint', help='an OpenAI-compatible one, http://localhost:8000/v1'
    )
    group.add_argument(
        '--endpoint-model', default='gpt-4o', help="its model (default: ADDP's)"
    )
    group.add_argument(
        '--timeout', type=float, default=30, help='seconds for an answer (default 30)'
    )
    group.add_argument(
        '--key-variable',
        default='OPENAI_API_KEY',
        help='environment variable that holds its key (default %(default)s)',
    )
    group.add_argument(
        '--language-model', help='a folder or hub id of a causal model of transformers'
    )


def build_proposer(args: argparse.Namespace) -> Propose:
    """Builds who proposes; rules take the place of a model that has nothing to say.

    Args:
        args: The command line.

    Raises:
        ValueError: There are two of them, or one cannot be used.
    """
    rules = RuleProposer()
    if args.endpoint and args.language_model:
        raise ValueError('--endpoint and --language-model are two proposers; give one')
    if args.endpoint:
        key = os.environ.get(args.key_variable)
        endpoint = ChatEndpoint(args.endpoint, args.endpoint_model, key, args.timeout)
        return FallbackProposer(EndpointProposer(endpoint), rules)
    if args.language_model:
        return FallbackProposer(LocalProposer(args.language_model, args.device), rules)
    return rules
