import pytest

from pipeline.encoder.processes import COUNT, NUMBER, is_first_process, process_count


@pytest.mark.parametrize(
    ("variables", "first", "count"),
    [
        ({}, True, 1),
        ({"RANK": "0", "WORLD_SIZE": "2"}, True, 2),
        ({"RANK": "1", "WORLD_SIZE": "2"}, False, 2),
        ({"OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4"}, False, 4),
        ({"PMI_RANK": "0", "PMI_SIZE": "4"}, True, 4),
        ({"MV2_COMM_WORLD_RANK": "1", "MV2_COMM_WORLD_SIZE": "4"}, False, 4),
        ({"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"}, False, 2),
        # A batch script is one process, however many tasks its job may start.
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "8"}, True, 1),
        # srun starts `accelerate launch` on the second of two nodes, and that its own processes.
        (
            {
                "SLURM_PROCID": "1",
                "SLURM_STEP_NUM_TASKS": "2",
                "RANK": "5",
                "WORLD_SIZE": "8",
            },
            False,
            8,
        ),
        ({"RANK": "", "WORLD_SIZE": "none"}, True, 1),
    ],
)
def test_the_variables_of_each_launcher(monkeypatch, variables, first, count):
    for name in (*NUMBER, *COUNT):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_first_process() == first
    assert process_count() == count
