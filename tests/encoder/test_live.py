from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from accelerate import Accelerator
from accelerate.tracking import LOGGER_TYPE_TO_CLASS, GeneralTracker
from live_curves import live_beside, read_curves

from pipeline.common.errors import PipelineError
from pipeline.encoder.live import check_trackers
from pipeline.encoder.settings import Tracker


@pytest.fixture
def accelerator():
    return Accelerator(cpu=True)


def test_params_have_the_trackers_that_accelerate_has():
    assert set(get_args(Tracker)) == set(LOGGER_TYPE_TO_CLASS) - {"dvclive"}


def test_a_tracker_that_is_not_installed_is_named_with_its_package():
    check_trackers(["tensorboard"])
    with pytest.raises(PipelineError, match="comet_ml is not installed: pip install comet-ml, or"):
        check_trackers(["tensorboard", "comet_ml"])


def test_curves_can_be_read_while_the_training_runs(accelerator, tmp_path):
    live = live_beside(tmp_path / "run")
    live.begin(accelerator, 0)
    live.add(accelerator, 1, {"loss": 0.1 + 0.2, "dev": np.nan})
    live.add(accelerator, 2, {"loss": 0.25, "dev": 0.5})
    text = (tmp_path / "run-live" / "plots" / "metrics" / "loss.tsv").read_text()
    assert text == "step\tloss\n1\t0.30000000000000004\n2\t0.25\n"
    assert read_curves(tmp_path / "run")["dev"].to_dict() == {2: 0.5}


def test_a_resumed_run_goes_on_after_its_checkpoint_and_a_new_one_starts_again(
    accelerator, tmp_path
):
    live = live_beside(tmp_path / "run")
    live.begin(accelerator, 0)
    for step in range(1, 6):
        live.add(accelerator, step, {"loss": float(step)})
    with (tmp_path / "run-live" / "plots" / "metrics" / "loss.tsv").open("a") as file:
        file.write("6")  # killed here
    live.begin(accelerator, 3)
    live.add(accelerator, 4, {"loss": 9.0})
    assert read_curves(tmp_path / "run")["loss"].to_dict() == {1: 1, 2: 2, 3: 3, 4: 9}
    live.begin(accelerator, 0)
    assert read_curves(tmp_path / "run") == {}
    assert not (tmp_path / "run-logs").exists()  # there is no tracker


class Recorded(GeneralTracker):
    """A tracker that keeps what it is given."""

    name, requires_logging_directory = "recorded", False

    def __init__(self, run_name, **options):
        super().__init__()
        self.given = [run_name, options]

    @property
    def tracker(self):
        return self.given

    def store_init_configuration(self, values):
        self.given.append(values)

    def log(self, values, step, **_):
        self.given.append((step, values))

    def finish(self):
        self.given.append("finished")


def test_a_tracker_gets_the_settings_and_the_values_of_each_step(tmp_path):
    live = replace(live_beside(tmp_path / "run"), settings={"layers": [-1], "epochs": 2})
    tracker = Recorded("x")
    accelerator = Accelerator(cpu=True, log_with=[tracker])
    live = replace(live, trackers=["recorded"])
    live.begin(accelerator, 0)
    live.add(accelerator, 1, {"loss": 0.5, "dev": np.nan})
    live.end(accelerator)
    assert tracker.given[2:] == [{"layers": "[-1]", "epochs": 2}, (1, {"loss": 0.5}), "finished"]


def test_wandb_finds_the_run_of_a_resumed_training_by_its_id(tmp_path):
    live = replace(live_beside(tmp_path / "run"), trackers=["wandb"])
    first, resumed = (live._options(done)["wandb"] for done in (0, 7))
    assert first == resumed
    assert first["name"] == "tiny"
    assert first["resume"] == "allow"
    assert len(first["id"]) == 32
