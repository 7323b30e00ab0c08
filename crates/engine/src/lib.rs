//! What happens: commands, routing of events to jobs, jobs, the worker.
