"""The JSON twins of the pages, and the actions: each route asks one function of `nas.service`."""
