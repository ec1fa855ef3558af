from __future__ import annotations

import importlib.util
import json
import os
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'busy_machine.py'


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('busy_machine', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def processor_time(process):
    fields = Path(f'/proc/{process.pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


@pytest.mark.skipif(not Path('/proc/self/stat').exists(), reason='Linux only')
def test_busy_processes_compute_and_end_with_the_measurement(tool):
    with tool.busy_processes(2) as processes:
        deadline = time.monotonic() + 60
        while min(map(processor_time, processes)) < 0.1:
            assert time.monotonic() < deadline and all(
                process.poll() is None for process in processes
            )
            time.sleep(0.05)
    assert all(process.returncode == -9 for process in processes)


def test_busy_processes_end_with_a_failure_too(tool):
    with pytest.raises(KeyboardInterrupt), tool.busy_processes(1) as processes:
        raise KeyboardInterrupt
    assert processes[0].returncode == -9


@pytest.mark.parametrize(
    ('seconds', 'kept'),
    [({0: 2.0, 1: 3.4, 2: 6.0}, True), ({0: 2.0, 1: 3.5, 2: 4.0}, False)],
)
def test_ratios_are_held_against_their_bars(tool, seconds, kept):
    table, result = tool.compare(seconds)
    assert result is kept
    lines = [line.split() for line in table.splitlines()]
    assert lines[2] == ['0', '2.00', '1.00']
    assert lines[3] == ['1', f'{seconds[1]:.2f}', f'{seconds[1] / 2:.2f}', '1.7']
    assert lines[4][-1] == '3.0'


def test_what_is_measured_and_beside_what(tool, tmp_path, monkeypatch, capsys):
    calls, beside = [], []

    def run(*command):
        calls.append(command[0])
        if command[0] == 'tools/train.py':
            beside.append(tool.busy.count)
            log = command[-1] / 'run' / 'vis_data' / 'scalars.json'
            log.parent.mkdir(parents=True)
            seconds = [9.0] * tool.WARM_UP + [1 + beside[-1], 1 + beside[-1]]
            lines = [json.dumps(dict(time=each, step=1)) for each in seconds]
            log.write_text('\n'.join([*lines, json.dumps(dict(mIoU=3, step=7))]))

    class Busy:
        def __init__(self, count):
            self.count, tool.busy = count, self

        def __enter__(self):
            return []

        def __exit__(self, *error):
            self.count = None

    monkeypatch.setattr(tool, 'run', run)
    monkeypatch.setattr(tool, 'busy_processes', Busy)
    status = tool.main(['--iterations', '7', '--work-dir', str(tmp_path)])
    assert calls == ['tools/mini_world/draw.py', *['tools/train.py'] * 3]
    assert beside == [0, 1, 2] and status == 1  # 2 is above 1.7
    output = capsys.readouterr().out
    assert '1 busy: 2.00 s\n' in output and 'iteration, mean of 2 after 5' in output
    assert 'OpenMP: ' in output


def test_too_few_iterations_are_refused(tool, capsys):
    with pytest.raises(SystemExit):
        tool.parse_args(['--iterations', '5'])
    assert '--iterations 5: name more than 5' in capsys.readouterr().err


def test_a_failing_script_is_named(tool, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text('import sys\nprint("first")\nsys.exit("no " + sys.argv[1])\n')
    with pytest.raises(SystemExit, match=r'script.py failed: no data$'):
        tool.run(script, 'data')


@pytest.mark.slow
def test_the_training_of_the_quickstart(tool, tmp_path):
    tool.run(*tool.QUICKSTART['GENERATE'])
    assert 0 < tool.time_iteration(tmp_path, 7) < 60
