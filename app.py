"""The app: ``assetmap serve DIR`` runs this file."""

from assetmap.ui.opening import run

run()
