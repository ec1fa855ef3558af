"""Agents: models that ask other models and correct themselves."""

from .language_model_proposer import EndpointProposer, LocalProposer
from .proposal import FallbackProposer, Proposal, Proposer, ProposerError
from .random_proposer import RandomProposer
from .referring_agent import AgentAnswer, ReferringAgent, keep_away, vote
from .rule_proposer import RuleProposer

__all__ = [
    'AgentAnswer',
    'EndpointProposer',
    'FallbackProposer',
    'LocalProposer',
    'Proposal',
    'Proposer',
    'ProposerError',
    'RandomProposer',
    'ReferringAgent',
    'RuleProposer',
    'keep_away',
    'vote',
]
