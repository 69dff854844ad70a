"""Pushing a corpus to the Hugging Face Hub, so that its history there follows the releases."""

from __future__ import annotations

from corpus_tools.release.hub.image import Image, image_of
from corpus_tools.release.hub.plan import PushPlan, Step, plan_push
from corpus_tools.release.hub.upload import carry_out, push

__all__ = ["Image", "PushPlan", "Step", "carry_out", "image_of", "plan_push", "push"]
