"""What the chapter's text claims and does not show, each shown by a study."""

#: The module of each, by the name that the command takes.
CLAIMS = {
    'random-labels': 'random_labels',
    'near-input': 'near_input',
}
