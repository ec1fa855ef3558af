"""Prompts: what enters cross-attention."""

from .adapters import MLPAdapter, TextAdapter
from .class_name_prompt import ClassNamePrompt
from .meta_prompts import MetaPrompts
from .present_class_prompt import PresentClassPrompt
from .prompt import Prompt
from .scene_name_prompt import SceneNamePrompt
from .static_prompts import NullPrompt, RandomPrompt, StaticTextPrompt
from .templates import TEMPLATE_SETS
from .text_prompt import TextPrompt
from .trained_text_prompt import TrainedTextPrompt

__all__ = [
    'TEMPLATE_SETS',
    'ClassNamePrompt',
    'MLPAdapter',
    'MetaPrompts',
    'NullPrompt',
    'PresentClassPrompt',
    'Prompt',
    'RandomPrompt',
    'SceneNamePrompt',
    'StaticTextPrompt',
    'TextAdapter',
    'TextPrompt',
    'TrainedTextPrompt',
]
