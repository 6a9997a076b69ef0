"""What the chapter's text claims and does not show, each shown by a study."""
