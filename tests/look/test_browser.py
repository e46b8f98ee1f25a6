"""The pages as a real browser shows them: axe at phone and desk size, keys, theme, no script."""

from __future__ import annotations

from tests.browser import check_both_looks, sign_in


def test_the_first_page_is_accessible_on_a_phone_at_night_and_on_a_wide_screen_by_day(
    browser_page, sergeant_okafor
):
    sign_in(browser_page, sergeant_okafor)
    browser_page.goto("/")
    assert browser_page.get_by_role("heading", level=1).inner_text() == "What waits for you"
    check_both_looks(browser_page)


def test_every_component_is_accessible_in_all_its_states(browser_page, amira_hussain):
    sign_in(browser_page, amira_hussain)
    browser_page.goto("/components/")
    check_both_looks(browser_page)
