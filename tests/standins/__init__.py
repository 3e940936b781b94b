"""Loopback stand-ins of the public services that live sources are read from.

Each module answers in one service's own format, written from that service's public documentation (named at the head
of the module) and from nothing of the project's clients. All listen on 127.0.0.1 only and hold no real data of their
own: what they serve is given to them when they are started.

==================  ===================================================================
``messages``        requests, replies, and the faults that can be planned
``server``          the small web server under all of them, and its log
``overpass``        OpenStreetMap objects by Overpass QL, from an extract
``arcgis``          boundaries and look-up tables as an ArcGIS feature service
``nomis``           census tables: the Nomis API and the bulk zips
``open_referral``   a council's directory as an Open Referral UK 3 feed
``files``           plain downloads, and a geocoder in Nominatim's format
``registers``       registers of libraries, practices and charities as downloads, and grants by an API
``real``            all of them, filled from the real files that a machine may have
==================  ===================================================================
"""
