"""The app, and the only folder that knows Streamlit.

``shell`` frames every page, ``state`` keeps the choices and writes them into the link, ``cache`` alone keeps what was
reckoned, ``parts`` are the pieces that pages share, ``sheet`` and ``changes`` turn a study into words. A page is one
file in ``pages/``.
"""
