"""Prompts: what enters cross-attention."""

from .adapters import MLPAdapter, TextAdapter
from .class_name_prompt import ClassNamePrompt
from .class_names import TEMPLATE_SETS
from .expression_prompt import ExpressionPrompt
from .meta_prompts import MetaPrompts
from .prompt import Prompt
from .scene_name_prompt import SceneNamePrompt
from .static_prompts import NullPrompt, RandomPrompt, StaticTextPrompt

__all__ = [
    'TEMPLATE_SETS',
    'ClassNamePrompt',
    'ExpressionPrompt',
    'MLPAdapter',
    'MetaPrompts',
    'NullPrompt',
    'Prompt',
    'RandomPrompt',
    'SceneNamePrompt',
    'StaticTextPrompt',
    'TextAdapter',
]
