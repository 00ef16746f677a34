"""QR codes: well-formed, and without anything that a page's policy would have to allow."""

from xml.etree import ElementTree

from machine_party.server.qr import qr_svg, qr_text

URL = "http://10.0.0.2:8000/parties/trivia/ABC234?a=1&b=<2>"


def test_the_svg_is_well_formed_and_names_its_address() -> None:
    root = ElementTree.fromstring(qr_svg(URL))
    assert root.findtext("{http://www.w3.org/2000/svg}title") == URL
    assert not any("style" in element.attrib for element in root.iter())


def test_the_text_has_lines_of_one_length() -> None:
    lines = qr_text(URL).splitlines()
    assert len({len(line) for line in lines if line}) == 1
