"""What a network did on the test set stands on its trial's page, as soon as it is recorded."""

import numpy as np

from nas.service.final.looks import look
from tests.dashboard.conftest import Serving
from tests.dashboard.seeding import MAIN


def test_a_trial_tells_its_test_error(serving: Serving) -> None:
    service = serving()
    truth = np.arange(360) % 10
    said = np.where(np.arange(360) < 9, (truth + 1) % 10, truth)
    page, study = f"/studies/{MAIN}/trials/1", service.store.study(MAIN)
    with service.client() as client:
        assert "Test error" not in client.get(page).text
        assert service.store.record_test(study.id, look("trial 1", truth, said, 10, number=1))
        assert '<dt>Test error</dt><dd title="9 of 360 images wrong' in (text := client.get(page).text)
        assert "0.025" in text
        assert "95 %: 0.01149 to 0.04693" in text
        tested = client.get(f"/api{page}").json()["tested"]
        assert (tested["wrong"], tested["error"], tested["valid_error"]) == (9, 0.025, None)
        assert client.get(f"/api/studies/{MAIN}/trials/2").json()["tested"] is None
