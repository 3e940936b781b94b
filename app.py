"""The app: ``assetmap serve DIR`` runs this file."""

from assetmap.ui.shell import run

run()
