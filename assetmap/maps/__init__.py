"""Maps: one palette, one legend, one packed payload, drawn the same on screen, in files and in notebooks.

``style`` names every colour, pattern and symbol; ``payload`` packs what a map shows; ``scripts`` holds the texts a
page needs; ``document`` writes the one-file page; ``web`` is the door to folium and to the app's component.
"""
