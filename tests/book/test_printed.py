"""The book's figures, as data."""

from d2l_dropout.book.printed import CELL_5, CELL_7, EPOCHS


def test_both_models_have_ten_epochs_of_three_figures():
    for model in ('scratch', 'gluon'):
        assert [stats.epoch for stats in EPOCHS[model]] == list(range(1, 11))


def test_the_figures_print_as_the_book_printed_them():
    for printed, model in [(CELL_5, 'scratch'), (CELL_7, 'gluon')]:
        assert ''.join(str(stats) + '\n' for stats in EPOCHS[model]) == printed
