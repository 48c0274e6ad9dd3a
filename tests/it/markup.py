"""What in HTML can act or count, by html5lib's tree. Reads a JSON array of fragments; writes one of
[what was found, how many images are to be seen] for each; "?" where html5lib gives up."""

import json
import re
import sys

import html5lib

XHTML = "http://www.w3.org/1999/xhtml"
ACTS = set(
    "script style link meta base basefont iframe frame frameset object embed applet param form "
    "input button select option textarea keygen isindex svg math template noscript noembed "
    "noframes portal fencedframe track bgsound marquee map area canvas slot "
    "dialog menu menuitem command image layer ilayer xml xss comment xmp listing plaintext".split()
)
ADDRESSES = set(
    "href src action formaction cite data poster background longdesc usemap profile codebase "
    "archive classid dynsrc lowsrc manifest icon altimg srcset imagesrcset srcdoc ping "
    "attributionsrc xlink:href".split()
)
# Whatever may stand in a text, but act in none.
PLAIN_ATTRIBUTES = set(
    "href rel cite lang title align alt height src width char charoff span size datetime start "
    "summary colspan headers rowspan scope dir poster controls preload type".split()
)
SCHEMES = set(
    "http https mailto tel sms smsto xmpp im irc ircs sip ftp ftps news nntp geo magnet bitcoin "
    "mms webcal openpgp4fpr".split()
)


def scheme(address):
    """As the URL Standard reads it: without tabs, line ends, and what is no character around it."""
    address = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", address)
    return found.group(1).lower() if found else None


def declared(style):
    for part in re.sub(r"/\*.*?\*/", "", style).split(";"):
        name, _, value = part.partition(":")
        yield name.strip().lower(), value.strip().lower()


def hidden(attributes):
    style = dict(declared(attributes.get("style", "")))
    far = [style.get(side, "") for side in ("left", "right", "top", "bottom")]
    return (
        "hidden" in attributes
        or style.get("display", "").startswith("none")
        or re.match("hidden|collapse", style.get("visibility", ""))
        or style.get("clip", "").startswith("rect(0")
        or "scale(0)" in style.get("transform", "")
        or any(re.match(r"-\d{4,}", value) for value in far)
    )


def tiny(attributes):
    for side in ("width", "height"):
        found = re.match(r"\s*([+-]?[0-9]*\.?[0-9]+)", attributes.get(side, ""))
        if found and float(found.group(1)) <= 1:
            return True
    for name, value in declared(attributes.get("style", "")):
        if name in ("width", "height", "max-width", "max-height"):
            if re.match(r"([01](\.0*)?|0?\.\d+)px|0(?![.\d])|-", value):
                return True
    return False


def walk(node, found, unseen, images):
    for child in node:
        if not isinstance(child.tag, str):
            continue
        namespace, _, name = child.tag.rpartition("}")
        name = name.lower()
        attributes = {re.sub(r"^\{.*\}", "", key).lower(): child.attrib[key] for key in child.attrib}
        if name == "document_fragment":
            namespace, name = "", "div"
        if name in ACTS or namespace.strip("{") not in ("", XHTML) or re.search("[^a-z0-9]", name):
            found.append(f"<{name}>")
        plays = "autoplay" in attributes or "controls" not in attributes
        if name in ("audio", "video") and (plays or attributes.get("preload") != "none"):
            found.append(f"<{name}> that is fetched or plays by itself")
        for key, value in attributes.items():
            if key.startswith("on") or key not in PLAIN_ATTRIBUTES:
                if key.startswith("on") or key in ADDRESSES or key == "style":
                    found.append(f"{name} {key}")
            elif key in ADDRESSES and scheme(value) not in SCHEMES | {None}:
                found.append(f"{name} {key}={value}")
        inside = unseen or hidden(attributes)
        if name in ("img", "image"):
            if inside or tiny(attributes):
                found.append("an image that is not to be seen")
            elif attributes.get("src"):
                images.append(attributes["src"])
        walk(child, found, inside, images)


def judge(text):
    found, seen = [], 0
    for scripting in (False, True):
        for parse in (html5lib.parse, lambda *a, **k: html5lib.parseFragment(*a, "div", **k)):
            images = []
            try:
                tree = parse(text, scripting=scripting)
            except AssertionError:
                found.append("?")
                continue
            walk([tree], found, False, images)
            seen = max(seen, len(images))
    return sorted(set(found)), seen


sys.setrecursionlimit(20_000)
json.dump([judge(text) for text in json.load(sys.stdin)], sys.stdout)
