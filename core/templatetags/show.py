"""Domain-free tags that every template has: glyphs, clocks, the public's words made safe to show."""

from django import template

register = template.Library()
