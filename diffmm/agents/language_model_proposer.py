"""Confusers by a language model, behind an endpoint or on this machine."""

from __future__ import annotations

from pathlib import Path

import torch

from diffmm.utils.chat_endpoint import ChatEndpoint, EndpointError

from .proposal import Proposer, ProposerError, parse_list

_SYSTEM = (
    'A vision model looks for one thing in a picture and may mark another one by '
    'mistake. You get a caption of the picture and the words for the thing. Name up to '
    '{count} other things in the picture that it could be mistaken for, the likeliest '
    'first. Answer with a JSON list of short noun phrases and nothing else. Never name '
    'the thing itself.'
)
_USER = 'Caption: {caption}\nThe thing: {text}'
# Enough for ten short phrases.
_MAX_NEW_TOKENS = 96


class EndpointProposer(Proposer):
    """Asks a language model behind an OpenAI-compatible endpoint, as ADDP does.

    Args:
        endpoint: The endpoint, with its time limit. ADDP: GPT-4o.
    """

    def __init__(self, endpoint: ChatEndpoint) -> None:
        self.endpoint = endpoint
        self.source = f'{endpoint.model} at {endpoint.url}'

    def candidates(self, text: str, caption: str, count: int) -> list[str]:
        """Asks once.

        Args:
            text: The expression.
            caption: What the picture shows.
            count: Number of things to ask for.

        Raises:
            ProposerError: The endpoint has no answer.
        """
        user = _USER.format(caption=caption, text=text)
        try:
            answer = self.endpoint.ask(_SYSTEM.format(count=count), user)
        except EndpointError as error:
            raise ProposerError(str(error)) from error
        return parse_list(answer)


class LocalProposer(Proposer):
    """Asks a language model of transformers on this machine.

    Args:
        name: A folder, or a hub id, of a causal language model.
        device: Where it runs.

    Raises:
        ValueError: It cannot be loaded.
    """

    def __init__(self, name: str | Path, device: str = 'cpu') -> None:
        # Takes seconds to import, and nothing else needs it.
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            self.tokenizer = AutoTokenizer.from_pretrained(name)
            self.model = AutoModelForCausalLM.from_pretrained(name)
        # What transformers raises depends on which of a model's files is at fault.
        except Exception as error:
            raise ValueError(
                f'{str(name)!r} cannot be loaded as a language model: {error}'
            ) from error
        dtype = torch.float16 if device.startswith('cuda') else torch.float32
        self.model.to(device, dtype).eval()
        self.source = Path(name).name
        self._device = device

    @torch.inference_mode()
    def candidates(self, text: str, caption: str, count: int) -> list[str]:
        """Lets it write greedily.

        Args:
            text: The expression.
            caption: What the picture shows.
            count: Number of things to ask for.
        """
        system = _SYSTEM.format(count=count)
        user = _USER.format(caption=caption, text=text)
        if self.tokenizer.chat_template:
            # Not every chat template has a system's role.
            messages = [dict(role='user', content=f'{system}\n\n{user}')]
            prompt = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        else:
            prompt = f'{system}\n\n{user}\nAnswer: ['
        tokens = self.tokenizer(prompt, return_tensors='pt').to(self._device)
        written = self.model.generate(
            **tokens,
            max_new_tokens=_MAX_NEW_TOKENS,
            do_sample=False,
            pad_token_id=self.tokenizer.eos_token_id,
        )
        new = written[0, tokens['input_ids'].shape[1] :]
        return parse_list(self.tokenizer.decode(new, skip_special_tokens=True))
