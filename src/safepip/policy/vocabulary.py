"""The words by which summaries and READMEs tell a program from what is imported."""

from __future__ import annotations

import re

# What is for a framework, or uses an SDK, is none itself.
_ITSELF = r"\A(?:(?!\b(?:for|using|with|in|from)\b).)*\b"
FRAMEWORK = re.compile(rf"{_ITSELF}framework(?!\w)", re.IGNORECASE)
LIBRARY_WORDS = re.compile(
    rf"{_ITSELF}(?:bindings?|SDK(?! manager))(?!\w)"
    r"|\A(?:\w+ )?(?:functions|helpers|classes|decorators|types|utils)\b"
    r"|\b(?:librar(?:y|ies) (?:for|to|that|which|and|with|written|of)|[\w-]+ library\Z"
    r"|module (?:to|for|that)|API (?:client|wrapper)"
    r"|(?:Python|pure[- ]Python) (?:librar(?:y|ies)|module|API|implementation|wrapper|interface"
    r"|client|package(?! (?:and|manag|ind|inst))))(?!\w)(?! \w*(?:builder|checker|generator)\b)",
    re.IGNORECASE,
)
LIBRARY_NAME = re.compile(r"\Apy(?:thon)?-|-(?:api|base|common|core|lib|sdk)\Z")

PROGRAM = re.compile(
    r"""
    \bcommand[- ]?line\ (?:[\w/-]+\ ){0,2}?
        (?: interface | tools? | utilit(?:y|ies) | client | programs? | app(?:lication)? | wrapper
        | environment | downloader | assistant | calculator | editor | fetcher | game | manager
        | organi[sz]er | player | reader | script | timer | tracker | uploader )
        \b (?!\ (?:toolkit|framework|librar|formulation|pars|argument|option))
    | \bCLI\b (?!\ (?:framework|librar|apps|applications?\ prop|tools\b|toolkit|builder|argument
        |and\b|interfaces|patterns|modif))
    | \A[\w.-]+\ CLI\ tools\Z
    | \b(?:web|desktop)\ (?:application|GUI)\b | \bis\ a\ program\b
    | \Athis\ (?:\w+\ )?(?:app(?:lication)?|bot|program)\ (?:allows|can|helps|is|lets|provides)\b
    | \b(?:linter|TUI|language\ server|package\ manager|downloader|MCP\ server)\b
    | \bModel\ Context\ Protocol\ (?:\(MCP\)\ )?server\b
    | \bSinger(?:\.io)?\ (?:tap|target)\b (?!\ (?:framework|librar|SDK))
    | \b(?:code|type|style)\ (?:\w+\ )? (?:checker|formatter|analy[sz]er)\b
    | \bstatic\ (?:\w+\ )? (?:checker|analy[sz]er|analysis)\b
    | \bterminal\b (?!\ embedded)
        (?=.*\b(?:interface|app(?:lication)?|client|recorder|viewer|browser|UI|game|player)\b)
    | \bin\ (?:your|the)\ terminal\b
    | \b(?:app|client|editor|game|IDE|player|viewer)\ for\ (?:the|your)\ (?:\w+\ )?terminal\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
AS_LIBRARY = re.compile(
    r"\bas an? [*_]*(?:python )?library\b|\bused as an? (?:python )?module\b"
    r"|\bPython API (?:and|&|\+)|(?:\band|&|\+) (?:an? )?Python (?:API|bindings)\b"
    r"|^(?:this|it) is an? [^.\n]*\blibrary\b(?! (?:manag|organ))",
    re.IGNORECASE | re.MULTILINE,
)
# What it uses, or looks at ("tests if all modules in a Python package"), is not what it is.
IS_LIBRARY = re.compile(
    r"\b(?:is|provides) an? (?:(?!\b(?:by|if|using|via)\b)[^.:])*"
    r"\b(?:library|python (?:module|package|API|SDK|client|interface|wrapper))\b"
    r"(?! (?:manag|organ|ind|inst))",
    re.IGNORECASE,
)
TOOL = re.compile(
    r"(?<!pythonic )(?<!migration )(?<!migrations )\b(?<!-)(?:tool|checker|scanner|"
    r"(?:backup|bookmark|dependency|download|file|hooks?|mod|note|password|process|project|session"
    r"|task|todo|version|wallpaper|window) manager)\b(?!-)"
    r"|\bweb (?:UI|interface)\b|\bGUI (?:client|for|front-?end|to)\b"
    r"|\bscripts?(?= (?:to|that|for|which)\b)"
    r"|\b(?:(?:from|via|within)(?: the| your)?|on the) (?:terminal|command[- ]?line)\b",
    re.IGNORECASE,
)
# At the beginning of a sentence, as far as it tells what something is.
_IS = (
    r"(?:\A|[.!?]\s)(?:(?!\b(?:by|for|from|in|into|(?<!set\s)(?<!suite\s)(?<!collection\s)of|on|that|to"
    r"|using|which|with)\b)[^.!?])*?"
)
OF_ITSELF = re.compile(f"{_IS}(?P<said>{PROGRAM.pattern})", PROGRAM.flags)
# Nouns of what is run: in the summaries of programs they are twice as frequent as in all others.
_KIND = re.compile(
    r"\b(?<![-/])(?<!,\s)(?:assistant|bot|build system|crawler|daemon|editor|emulator|explorer"
    r"|exporter|finder|formatter|game|GUI|IDE|mirror|organi[sz]er|player|program|recorder|shell"
    r"|uploader|viewer)(?=\Z|[.:;!]|\s(?:[\u2013\u2014-]\s|(?:for|to|that|which|in|of|with|from|using"
    r"|by|on|and|based|written)\b))"
)
TOOL_ITSELF = re.compile(f"{_IS}(?P<said>{TOOL.pattern}|{_KIND.pattern})", TOOL.flags)
PROGRAM_NAME = re.compile(r".+-(?:cli|mcp-server)\Z|\Amcp-server-.+")
RUN_BY_OTHERS = re.compile(r"\A(?:git|mcp)-.+|.+-mcp(?:-server)?\Z")
MCP_SERVER = re.compile(
    r"(?im)\A(?:mcp-server-.+|.+-mcp(?:-server)?)$"
    r"|\b(?:MCP|Model Context Protocol)(?: \(MCP\))? server\b(?! (?:framework|generator|toolkit))"
)
_IMPORTED = r"(?:API|class|librar(?:y|ies)|lib|module|SDK|package|engine)"
TWO_THINGS = re.compile(
    rf"\b{_IMPORTED}\s*(?:and\b|/|&|\+)|(?:\band|/|&|\+)\s*(?:\w+ )?{_IMPORTED}\b"
    r"|\b(?:plugin|extension)\b|\A(?:build|turn)\b"
    r"|(?<!CLI-first \w{5} )(?<!CLI-first \w{7} )\b(?:for building|to build)\b"
    r"|\bfrom (?:python|(?:the )?command[- ]?line) (?:and|or)\b"
    r"|\bpython (?:and|or|&) command|\bcommand[- ]?line (?:\w+ )?(?:and|or|&) python\b",
    re.IGNORECASE,
)

# A README speaks of what is imported: of an API, of Python, of itself as a library.
FOR_CODE = re.compile(
    r"\b(?:python|public|simple) (?:API|SDK|interface|bindings)\b"
    r"|\bprogrammatic (?:access|API|us(?:ag)?e)\b|\b(?:called|invoked|used?) programmatically\b"
    r"|\bAPI (?:reference|docs|documentation|usage)\b|\bas an? (?:python )?(?:module|library)\b"
    r"|\b(?:in|from|into) (?:your |own |python )+code\b|\b(?:from|within|inside) python"
    r"(?=\s*(?:[.,:;!)*`]|$)|\s+(?:code|scripts?|programs?|itself)\b)"
    r"|\b(?:this|the|our) (?:python )?(?:library|module)\b|\bINSTALLED_APPS\b"
    r"|\b(?:in|to) your (?:\w+ )?dependencies\b",
    re.IGNORECASE | re.MULTILINE,
)
BESIDE = re.compile(
    r"\bsame (?:python |virtual ?|conda )*env(?:ironment)?\b|\bthis (?:extension|plugin|add-?on)\b"
    r"|\b(?:load|enable) the (?:new )?(?:extension|plugin|add-?on)\b"
    r"|\bpackages installed (?:with|by|via) pip\b|\binstalled python packages\b",
    re.IGNORECASE,
)
APPLICATION_CLASSIFIERS = (
    "Environment :: Console ::",
    "Environment :: MacOS X ::",
    "Environment :: Win32 (MS Windows) ::",
    "Environment :: X11 Applications ::",
)
LIBRARY_CLASSIFIERS = (
    "Environment :: Other Environment",
    "Environment :: Web Environment",
    "Framework ::",
    "Topic :: Software Development ::",
)


def is_of_library(text: str) -> bool:
    """Whether *text* says in one of their words that it is of a library, or of two things."""
    return any(w.search(text) for w in (TWO_THINGS, IS_LIBRARY, LIBRARY_WORDS, FRAMEWORK))
