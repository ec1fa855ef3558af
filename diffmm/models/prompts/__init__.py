"""What enters cross-attention."""

from .class_name_prompt import ClassNamePrompt
from .expression_prompt import ExpressionPrompt
from .meta_prompts import MetaPrompts
from .mlp_adapter import MLPAdapter
from .null_prompt import NullPrompt
from .prompt import Prompt
from .random_prompt import RandomPrompt
from .scene_name_prompt import SceneNamePrompt
from .static_text_prompt import StaticTextPrompt
from .templates import TEMPLATE_SETS
from .text_adapter import TextAdapter

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
