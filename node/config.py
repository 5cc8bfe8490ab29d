"""The settings of a command and where each came from; no secret is ever a setting.

Precedence: flag > environment > ./coop.toml > user config > instance file > default. `resolve` is
pure; `read` gathers the sources. The user config is COOP_HOME/config.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast

from node.errors import ConfigurationProblem
from node.files import read_toml
from node.instance import check_name

Finality = Literal["latest", "safe", "finalized"]
FINALITIES: tuple[Finality, ...] = ("latest", "safe", "finalized")

DEFAULT_RPC = "http://127.0.0.1:8545"
_DEFAULTS: dict[str, str | None] = {
    "instance": None,
    "rpc": DEFAULT_RPC,
    "finality": "latest",
    "lang": "en",
    "key": None,
    "database": None,
    "max_fee": "500",
    "plain": "no",
    "zone": None,
}
_ENVIRONMENT = {
    "instance": "COOP_INSTANCE",
    "rpc": "COOP_RPC_URL",
    "lang": "COOP_LANG",
    "database": "COOP_DATABASE_URL",
    "plain": "COOP_PLAIN",
}
_INSTANCE_KEYS = ("rpc", "database", "zone")


@dataclass(frozen=True)
class Setting:
    """One value and the source that it came from ("--rpc", "COOP_RPC_URL", a file, "default")."""

    value: str | None
    origin: str


@dataclass(frozen=True)
class Source:
    """One place that settings may come from: what to call it, and what it says."""

    name: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Settings:
    """All settings of one run."""

    home: Path
    home_origin: str
    instance: Setting
    rpc: Setting
    finality: Setting
    lang: Setting
    key: Setting
    database: Setting
    max_fee: Setting
    plain: Setting
    zone: Setting

    def named(self) -> dict[str, Setting]:
        """All settings but the home by name."""
        return {key: getattr(self, key) for key in _DEFAULTS}

    @property
    def rpc_url(self) -> str:
        """Where the chain is asked."""
        return self.rpc_urls[0]

    @property
    def rpc_urls(self) -> tuple[str, ...]:
        """The same with the addresses behind the comma, which the mirror turns to when it fails."""
        urls = (url.strip() for url in (self.rpc.value or "").split(","))
        return tuple(url for url in urls if url) or (DEFAULT_RPC,)

    @property
    def depth(self) -> Finality:
        """Which blocks count for reading."""
        return cast(Finality, self.finality.value)

    @property
    def lasting(self) -> Finality:
        """How deep what was done must lie to count as done for good: finalized, unless something
        else was asked for."""
        return "finalized" if self.finality.origin == "default" else self.depth

    @property
    def reads_aloud(self) -> bool:
        """Whether output is for a screen reader: see `node.output`."""
        return self.plain.value == "yes"

    @property
    def fee_cap(self) -> int:
        """The most that a transaction may offer for a unit of gas, in wei."""
        text, origin = self.max_fee.value or "", self.max_fee.origin
        try:
            gwei = Decimal(text)
        except InvalidOperation:
            gwei = Decimal(0)
        if not 0 < gwei < 10**9:
            raise ConfigurationProblem(
                f"max_fee is {text!r} ({origin}).", hint="Give it in gwei, such as 50 or 0.2."
            )
        return int(gwei * 10**9)

    @property
    def keys(self) -> Path:
        """The folder of the keystores."""
        return self.home / "keys"

    @property
    def instances(self) -> Path:
        """The folder of the instance files."""
        return self.home / "instances"

    @property
    def texts(self) -> Path:
        """The folder of texts about people, which stay off the chain."""
        return self.home / "texts"

    @property
    def user_file(self) -> Path:
        """The user's own configuration file."""
        return self.home / "config.toml"

    @property
    def labels(self) -> Path:
        """The names that this member gives to accounts."""
        return self.home / "labels.toml"

    def mirror_file(self, instance: str) -> Path:
        """The mirror of an instance; safe to delete."""
        return self.home / f"{instance}.db"

    def relay_file(self, instance: str) -> Path:
        """The queue of a relayer of an instance; not safe to delete."""
        return self.home / f"{instance}.relay.db"

    def outbox_file(self, instance: str) -> Path:
        """The outbox of an instance; not safe to delete."""
        return self.home / f"{instance}.outbox.db"


def read(flags: Mapping[str, str | None], environment: Mapping[str, str], folder: Path) -> Settings:
    """Gather all sources and return the settings; the instance file is read when it exists."""
    home, home_origin = home_of(environment)
    own = [
        _flag_source(flags),
        *_environment_sources(environment),
        file_source(folder / "coop.toml", "./coop.toml"),
        file_source(home / "config.toml", str(home / "config.toml")),
    ]
    name = _pick("instance", own).value or _only_instance(home / "instances")
    if name:
        check_name(name)
        own.append(_instance_source(home / "instances" / f"{name}.toml"))
    return resolve(home, home_origin, own)


def _only_instance(folder: Path) -> str | None:
    names = [path.stem for path in folder.glob("*.toml")]
    return names[0] if len(names) == 1 else None


def resolve(home: Path, home_origin: str, sources: list[Source]) -> Settings:
    """Return the settings of sources in order of precedence, the strongest first."""
    settings = Settings(
        home=home,
        home_origin=home_origin,
        **{key: _pick(key, sources) for key in _DEFAULTS},
    )
    for key, allowed in (("finality", FINALITIES), ("plain", ("yes", "no"))):
        setting: Setting = getattr(settings, key)
        if setting.value not in allowed:
            raise ConfigurationProblem(
                f"{key} is {setting.value!r} ({setting.origin}).",
                hint=f"Use one of {', '.join(allowed)}.",
            )
    return settings


def home_of(environment: Mapping[str, str]) -> tuple[Path, str]:
    """Return the folder of everything that this member keeps, and why it is that one."""
    if chosen := environment.get("COOP_HOME"):
        return Path(chosen).expanduser().absolute(), "COOP_HOME"
    import platformdirs

    return Path(platformdirs.user_data_dir("rochdale", appauthor=False)), "default"


def file_source(path: Path, name: str) -> Source:
    """Return what a configuration file says; an absent one says nothing."""
    values = read_toml(path)
    for key, value in values.items():
        if key not in _DEFAULTS:
            near = get_close_matches(key, _DEFAULTS, n=1)
            raise ConfigurationProblem(
                f"{name} has a setting {key!r} that does not exist.",
                hint=f"Did you mean {near[0]}?" if near else f"There are {', '.join(_DEFAULTS)}.",
            )
        if not isinstance(value, str):
            raise ConfigurationProblem(f"{name}: {key} must be a text in quotes.")
    return Source(name, values)


def _flag_source(flags: Mapping[str, str | None]) -> Source:
    return Source("flag", {key: value for key, value in flags.items() if value is not None})


def _environment_sources(environment: Mapping[str, str]) -> list[Source]:
    return [
        Source(variable, {key: environment[variable]})
        for key, variable in _ENVIRONMENT.items()
        if environment.get(variable)
    ]


def _instance_source(path: Path) -> Source:
    values = read_toml(path)
    return Source(str(path), {key: str(values[key]) for key in _INSTANCE_KEYS if values.get(key)})


def _pick(key: str, sources: list[Source]) -> Setting:
    for source in sources:
        if key in source.values:
            origin = f"--{key.replace('_', '-')}" if source.name == "flag" else source.name
            return Setting(source.values[key], origin)
    return Setting(_DEFAULTS[key], "default")
