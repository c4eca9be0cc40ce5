"""What the container files promise, checked without a container engine."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from jobs.__main__ import COMMANDS
from settings import Settings

ROOT = Path(__file__).parent.parent
DOCKER = ROOT / "docker"
FILES = {name: (DOCKER / name).read_text() for name in ("Dockerfile", "compose.yaml", "README.md")}

COMPOSE: dict[str, Any] = yaml.safe_load(FILES["compose.yaml"])
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "relais"]


def build() -> list[tuple[str, str]]:
    """Every instruction of the Dockerfile with its arguments."""
    text = re.sub(r"^\s*#.*\n", "", FILES["Dockerfile"], flags=re.MULTILINE).replace("\\\n", " ")
    lines = filter(None, text.splitlines())
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def image(instruction: str) -> str:
    """The arguments of all instructions of that name in the stage that becomes the image."""
    stage: list[tuple[str, str]] = []
    for name, rest in build():
        stage = [] if name == "FROM" else [*stage, (name, rest)]
    return " ".join(rest.strip() for name, rest in stage if name == instruction)


def pairs(arguments: str) -> dict[str, str]:
    return {name: value for name, _, value in (a.partition("=") for a in shlex.split(arguments))}


def copied() -> set[str]:
    """What is copied from the checkout."""
    copies = [shlex.split(rest) for name, rest in build() if name == "COPY"]
    return {path for copy in copies if not copy[0].startswith("--from") for path in copy[:-1]}


ENVIRONMENT = pairs(image("ENV"))
COMMAND: list[str] = json.loads(image("CMD"))
HEALTH: list[str] = json.loads(image("HEALTHCHECK").partition("CMD ")[2])


def environment(service: str) -> dict[str, str]:
    """The settings that a service of ours starts with."""
    both = ENVIRONMENT | SERVICES[service]["environment"]
    return {name: value for name, value in both.items() if name.startswith("RELAIS_")}


def healthy(port: int) -> bool:
    check = [sys.executable, *HEALTH[1:]]
    environ = {"RELAIS_PORT": str(port)}
    ended = subprocess.run(check, env=environ, stderr=subprocess.DEVNULL, check=False, timeout=10)
    return ended.returncode == 0


# --- The image ------------------------------------------------------------------------------


def test_the_linter_finds_nothing_to_say_of_the_dockerfile() -> None:
    linter = Path(sysconfig.get_path("scripts"), "hadolint")
    command = [str(linter), "--failure-threshold", "style", "docker/Dockerfile"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_everything_that_is_copied_exists() -> None:
    assert sorted(path for path in copied() if not (ROOT / path).exists()) == []


def test_everything_that_the_service_imports_is_copied() -> None:
    code = "import sys, app, jobs.__main__; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = {path.name for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()}
    needed = {name for module in ended.stdout.split() for name in (module, f"{module}.py")} & ours
    assert {"app.py", "jobs", "schema"} <= needed <= copied()


def test_a_build_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    first, *rules = [line for line in lines if line and not line.startswith("#")]
    assert first == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied()


def test_packages_are_installed_by_their_hashes() -> None:
    (install,) = [rest for name, rest in build() if name == "RUN" and "pip" in rest]
    assert {"--require-hashes", "--no-cache-dir", "/requirements.lock"} <= set(shlex.split(install))


def test_the_image_runs_as_a_numbered_user_other_than_root() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image("USER"))


def test_the_image_says_which_release_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    labels = pairs(image("LABEL"))
    for name in ("version", "description"):
        assert labels[f"org.opencontainers.image.{name}"] == project[name]


def test_the_image_serves_is_seen_to_be_alive_and_stops_when_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "RELAIS_DATABASE_URL": f"sqlite://{tmp_path}/relais.sqlite3",
        "RELAIS_TOKEN_KEY_FILE": str(tmp_path / "keys.json"),
        "RELAIS_HOST": "127.0.0.1",
        "RELAIS_PORT": str(port),
    }
    for job in ("key", "migrate"):
        subprocess.run([sys.executable, "-m", "jobs", job], cwd=ROOT, env=environ, check=True)
    assert not healthy(port)
    with subprocess.Popen([sys.executable, *COMMAND[1:]], cwd=ROOT, env=environ) as server:
        try:
            until = time.monotonic() + 30
            while not healthy(port) and time.monotonic() < until and server.poll() is None:
                time.sleep(0.1)
            assert healthy(port)
            server.send_signal(signal.Signals[image("STOPSIGNAL")])
            assert server.wait(timeout=10) in {0, -signal.SIGTERM}
        finally:
            server.kill()
    assert not healthy(port)


# --- What runs ------------------------------------------------------------------------------


def test_three_services_are_ours_and_one_of_them_builds_the_image() -> None:
    assert OURS == ["migrate", "web", "worker"]
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["migrate"]
    built = SERVICES["migrate"]["build"]
    context = (DOCKER / built["context"]).resolve()
    assert (context, context / built["dockerfile"]) == (ROOT, DOCKER / "Dockerfile")


@pytest.mark.parametrize("service", OURS)
def test_a_service_runs_a_command_that_there_is(service: str) -> None:
    python, option, module, *arguments = SERVICES[service].get("command", COMMAND)
    assert [python, option] == ["python", "-m"]
    if module == "jobs":
        name, *rest = arguments
        parser = ArgumentParser()
        COMMANDS[name].arguments(parser)
        parser.parse_args(rest)
    else:
        assert [module, *arguments] == ["app"]


@pytest.mark.parametrize("file", FILES)
def test_every_job_that_is_named_is_one(file: str) -> None:
    assert set(re.findall(r"-m jobs ([a-z][a-z-]*)", FILES[file])) <= set(COMMANDS)


@pytest.mark.parametrize("file", FILES)
def test_every_setting_that_is_named_is_one(file: str) -> None:
    known = {f"RELAIS_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"RELAIS_\w+", FILES[file])) <= known


@pytest.mark.parametrize("service", OURS)
def test_a_service_starts_with_settings_that_make_sense(service: str, tmp_path: Path) -> None:
    for secret in SERVICES[service]["secrets"]:
        (tmp_path / secret).touch()
    config = Settings.model_validate(
        {
            name.removeprefix("RELAIS_").lower(): value.replace("/run/secrets", str(tmp_path))
            for name, value in environment(service).items()
        }
    )
    assert config.dialect == "postgres"
    urls = [url for url in (config.database_url, config.cache_url) if url]
    assert {urlsplit(url).hostname for url in urls} <= set(SERVICES)


def test_the_service_is_published_where_it_listens_and_to_this_machine_only() -> None:
    port = environment("web")["RELAIS_PORT"]
    assert image("EXPOSE") == port
    assert {name: its["ports"] for name, its in SERVICES.items() if "ports" in its} == {
        "web": [f"127.0.0.1:8000:{port}"]
    }


def test_the_worker_keeps_its_folder_in_a_volume_that_it_may_write_to() -> None:
    folder = environment("worker")["RELAIS_IMPORT_DIR"]
    exports = environment("worker")["RELAIS_EXPORT_DIR"]
    files = environment("worker")["RELAIS_ATTACHMENT_DIR"]
    kept = [f"imports:{folder}", f"exports:{exports}", f"attachments:{files}"]
    assert SERVICES["worker"]["volumes"] == kept
    assert SERVICES["web"]["volumes"] == [f"attachments:{files}", f"exports:{exports}:ro"]
    user, group = image("USER").split(":")
    made = f"install --directory --owner={user} --group={group} {folder} {files} {exports}"
    assert made in [rest for name, rest in build() if name == "RUN"]


# --- What holds them together ---------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_waits_for_can_come(service: str) -> None:
    for name, waited in SERVICES[service].get("depends_on", {}).items():
        other = SERVICES[name]
        if waited["condition"] == "service_completed_successfully":
            assert other["restart"] == "no"
        else:
            assert waited["condition"] == "service_healthy"
            assert other["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_uses_only_volumes_networks_and_secrets_that_are_declared(service: str) -> None:
    its = SERVICES[service]
    assert {volume.split(":")[0] for volume in its.get("volumes", [])} <= set(COMPOSE["volumes"])
    assert set(its["networks"]) <= set(COMPOSE["networks"])
    assert set(its.get("secrets", [])) <= set(COMPOSE["secrets"])


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_confined(service: str) -> None:
    its = SERVICES[service]
    assert its["read_only"] is True
    assert its["cap_drop"] == ["ALL"]
    assert its["security_opt"] == ["no-new-privileges:true"]
    assert its["restart"] in {"no", "unless-stopped"}
    assert re.fullmatch(r"\d+[mg]", its["mem_limit"])
    assert "privileged" not in its
    user = its.get("user", image("USER") if service in OURS else "root")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


@pytest.mark.parametrize("service", [name for name in SERVICES if name not in OURS])
def test_an_image_of_others_is_of_a_release(service: str) -> None:
    assert re.fullmatch(r"[a-z/]+:\d[\w.-]*", SERVICES[service]["image"])


# --- Secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_no_address_holds_a_password(file: str) -> None:
    assert re.findall(r"\w+://[^\s/@]*:[^\s/@]*@", FILES[file]) == []


def test_a_secret_is_never_a_variable_but_a_file() -> None:
    variables = [*ENVIRONMENT.items(), *pairs(image("ARG")).items()]
    for service in SERVICES.values():
        variables += service.get("environment", {}).items()
    secrets = {name: at for name, at in variables if re.search("PASSWORD|SECRET|TOKEN|KEY", name)}
    assert all(name.endswith("_FILE") for name in secrets)
    assert all(at.startswith("/run/secrets/") for at in secrets.values())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_the_secrets_that_it_reads_and_no_others(service: str) -> None:
    values = SERVICES[service].get("environment", {}).values()
    read = {value.removeprefix("/run/secrets/") for value in values if "/run/secrets/" in value}
    assert read == set(SERVICES[service].get("secrets", []))


def test_secrets_are_files_that_git_never_takes() -> None:
    assert "/secrets/" in (DOCKER / ".gitignore").read_text().splitlines()
    for secret in COMPOSE["secrets"].values():
        assert list(secret) == ["file"]
        assert Path(secret["file"]).parts[0] == "secrets"
        assert f"docker/{secret['file']}" in FILES["README.md"]
