"""What refinement steps cost: operations and memory."""

from __future__ import annotations

from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from diffmm.benchmark import measure_memory_rise
from tests import tiny
from tests.models.backbones.refining import gradients, loss_of, model


def count_operations(function):
    """FLOPs of a call; the counter does not know fused attention on a CPU."""
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        function()
    return counter.get_total_flops()


def test_cost_of_the_steps():
    """k steps are k passes and k - 1 output layers."""
    images = tiny.image()

    def count(steps):
        refining = model(steps)
        encoder = count_operations(lambda: refining.backbone.vae(images))
        forward = count_operations(lambda: refining(images)) - encoder
        training = count_operations(lambda: gradients(refining, images)) - encoder
        return forward, training

    once = count(1)
    for steps in (2, 3):
        for cost, single in zip(count(steps), once, strict=True):
            assert steps * single < cost < (steps + 0.1) * single


def test_checkpointing_bounds_the_memory_of_the_steps():
    """Of activations alone; weights and gradients are the same for any number.

    Measured: 1.43 to 1.65 times those of one step, by processor (convolutions have
    buffers of their own), 0.35 times those without checkpointing, which are 3 times
    those of one step. (0.29 while feed-forward layers kept twice as much without it.)
    """
    images = tiny.image(128, 128)

    def rise(steps, checkpointing):
        refining = model(steps, gradient_checkpointing=checkpointing)
        gradients(refining, images)
        return measure_memory_rise(
            lambda: loss_of(refining(images)).backward(), images.device
        )

    bounded = rise(3, checkpointing=True)
    assert bounded < 2 * rise(1, checkpointing=True)
    assert bounded < 0.4 * rise(3, checkpointing=False)
