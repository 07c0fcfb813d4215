"""The face of a licence: from a record to an OFD page and the same page in PDF.

* `licence_page` is the door: `render_ofd` and `render_pdf`.
* `layout` reads `layouts/<kind>.toml`; `composition` turns layout and record into items with
  places in millimetres; `ofd_page` and `pdf_page` write those items and decide nothing.
* `typefaces` holds the typefaces that ship with us; `seal_picture` draws the seal.

Nothing here reads the clock or draws a random number: equal records give equal bytes.
"""
