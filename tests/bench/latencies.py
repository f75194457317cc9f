"""What small stacks cost: the fixed price of a capture, and of a plan of many services."""
from engine import Project, create, idle_service


def empty_stack(engine, store, rounds):
    """A service with an empty volume: everything that is not copying."""
    project = Project(engine, "bench-empty", {"web": idle_service(volumes=["nothing:/nothing"])}, ["nothing"], store)
    try:
        results = []
        for turn in range(rounds):
            results.append(create(project, f"round{turn}"))
            results[-1]["bare_exec_seconds"], _ = project.cofferdam("version")
        return results
    finally:
        project.close()


def plan_of_many(engine, store, services, rounds):
    definitions = {}
    for number in range(services):
        needs = {f"s{number - 1}": {"condition": "service_started"}} if number % 10 else {}
        definitions[f"s{number}"] = idle_service(volumes=[f"v{number}:/files"], depends_on=needs)
    project = Project(engine, "bench-plan", definitions, [f"v{number}" for number in range(services)], store)
    try:
        return [{"seconds": project.cofferdam("plan")[0], "bare_exec_seconds": project.cofferdam("version")[0]}
                for _ in range(rounds)]
    finally:
        project.close()
