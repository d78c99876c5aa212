"""The package as pip installs it, in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
import venv
from pathlib import Path

from tests.support import PACKAGE_FOLDER, TestCase

_NOT_PACKAGED = shutil.ignore_patterns("__pycache__", "build", "*.egg-info", "tests")


class PackageTest(TestCase):
    def setUp(self) -> None:
        own = tempfile.TemporaryDirectory()
        self.addCleanup(own.cleanup)
        self.folder = Path(own.name).resolve()
        venv.create(self.folder / "venv")
        # What the package needs, what builds it and pip are in the tests' environment: nothing is fetched.
        here = Path(self.python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (here / "tests-environment.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def test_it_is_installed_with_all_that_it_reads(self) -> None:
        source = shutil.copytree(PACKAGE_FOLDER, self.folder / "source", ignore=_NOT_PACKAGED)
        self.python("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", str(source))
        shutil.rmtree(source)

        said = self.python("-c", "from clipper_worker import protocol as p; print(p.__file__, p.ModelInferRequest().id)")
        self.assertTrue(said.startswith(str(self.folder / "venv")), said)
        self.python("-c", "import clipper_worker.sources.onnx_file, clipper_worker.session")
        self.assertIn("--stuck-timeout SECONDS", self.run_in_venv("clipper-worker", "--help"))

    def python(self, *arguments: str) -> str:
        return self.run_in_venv("python", *arguments)

    def run_in_venv(self, command: str, *arguments: str) -> str:
        """Away from the sources, which would be found first."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        ran = subprocess.run(
            [self.folder / "venv" / "bin" / command, *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(0, ran.returncode, ran.stdout)
        return ran.stdout
