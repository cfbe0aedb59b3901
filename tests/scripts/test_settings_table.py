from scripts.settings_table import PAGE, page


def test_the_page_says_what_is_checked():
    assert PAGE.read_text() == page() + "\n", "python -m scripts.settings_table writes it"
    assert "| `power_iterations` | `1` | an integer between 1 and 1000 |" in page()
