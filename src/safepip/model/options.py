"""What pip's options mean to safepip: one table that all places read.

How they are spelled, and which take a value, stands in ``reading/arguments``, which every command
waits for. Each trait is a word:

- ``place``: it names the place that is installed to, so nothing is diverted;
- ``look``: with it more has to be known before pip is started;
- ``unclear``: pip alone knows what is installed then, or whether it takes the option at all;
- ``chooses``: it has a say in which file of an index is chosen, or how the index is reached;
- ``reaches``: of these, how an index is reached;
- ``restores``: it goes along where an undo has to get the old version again;
- ``not_pipx``: without it pipx would install something else than what was asked for;
- ``pipx_own``: pipx does that itself, or it has no meaning for an environment of its own;
- ``in_file``: it may stand in a requirements file, and asks for nothing to be installed;
- ``in_line``: it stands there behind a requirement, and belongs to it;
- ``file``: it names a file, which may be a pipe that can be read but once.

A new option of pip gets a row where it has a trait; ``reading/arguments`` in any case.
"""

TRAITS = {
    "--abi": "unclear",
    "--all-releases": "chooses",
    "--break-system-packages": "place look",
    "--build-constraint": "file",
    "--cert": "chooses reaches restores",
    "--client-cert": "chooses reaches restores",
    "--config-settings": "in_line",
    "--constraint": "chooses in_file file",
    "--download": "unclear",
    "--editable": "not_pipx",
    "--extra-index-url": "chooses reaches restores in_file",
    "--find-links": "chooses reaches restores in_file",
    "--force-reinstall": "pipx_own",
    "--global-option": "in_line",
    "--group": "unclear not_pipx",
    "--ignore-installed": "pipx_own",
    "--ignore-requires-python": "chooses",
    "--implementation": "unclear",
    "--index-url": "chooses reaches restores in_file",
    "--install-option": "in_line",
    "--isolated": "chooses",
    "--keyring-provider": "chooses",
    "--no-binary": "chooses restores in_file",
    "--no-deps": "not_pipx",
    "--no-index": "chooses reaches restores in_file",
    "--no-proxy-env": "chooses",
    "--no-user": "look pipx_own",
    "--only-binary": "chooses restores in_file",
    "--only-deps": "unclear",
    "--only-final": "chooses",
    "--platform": "unclear",
    "--pre": "chooses restores in_file",
    "--prefer-binary": "chooses in_file",
    "--prefix": "place look",
    "--proxy": "chooses reaches restores",
    "--python": "place look",
    "--python-version": "unclear",
    "--quiet": "look pipx_own",
    "--refresh-package": "unclear",
    "--report": "not_pipx",
    "--require-hashes": "in_file",
    "--require-virtualenv": "look",
    "--requirement": "not_pipx file",
    "--requirements-from-script": "unclear not_pipx file",
    "--root": "place look",
    "--src": "not_pipx",
    "--target": "place look",
    "--trusted-host": "chooses reaches restores in_file",
    "--upgrade": "pipx_own",
    "--uploaded-prior-to": "chooses",
    "--use-deprecated": "chooses",
    "--user": "place look",
    "--verbose": "pipx_own",
}


def having(*traits: str) -> frozenset[str]:
    """Give the options that have one of *traits*, by their first long names."""
    return frozenset(
        name for name, words in TRAITS.items() if not set(traits).isdisjoint(words.split())
    )
