#include "tests/controller/database/local_docker.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "controller/database/postgres_agent.h"
#include "tests/controller/database/child_process.h"

namespace {

/// Runs the agent on a thread, its descriptors joined to the process's pipes.
int run_agent(fakes::Process& process) {
  std::array<int, 2> orders{};
  std::array<int, 2> answers{};
  if (::pipe2(orders.data(), O_CLOEXEC) != 0 || ::pipe2(answers.data(), O_CLOEXEC) != 0) {
    return 1;
  }
  int code = 0;
  bool killed = false;
  {
    const std::jthread agent([&] {
      code = controller::run_postgres_agent(orders[0], answers[1]);
      ::close(answers[1]);
    });
    const std::jthread output([&] {
      std::array<char, 4096> buffer{};
      for (ssize_t size = ::read(answers[0], buffer.data(), buffer.size()); size > 0;
           size = ::read(answers[0], buffer.data(), buffer.size())) {
        try {
          process.write_stdout({buffer.data(), static_cast<std::size_t>(size)});
        } catch (const fakes::Killed&) {
          return;
        }
      }
    });
    try {
      while (auto line = process.read_line()) {
        *line += '\n';
        if (::write(orders[1], line->data(), line->size()) < 0) {
          break;
        }
      }
    } catch (const fakes::Killed&) {
      killed = true;
    }
    ::close(orders[1]);
  }
  ::close(orders[0]);
  ::close(answers[0]);
  if (killed) {
    throw fakes::Killed{};
  }
  return code;
}

}  // namespace

int run_locally(fakes::Process& process) {
  std::vector<std::string> env = process.container().env;
  env.insert(env.end(), process.env().begin(), process.env().end());
  const std::string input = process.read_all();
  bool fed = false;
  std::atomic<bool> killed = false;
  // Called on threads, which an exception must not leave.
  const auto passed_on = [&](auto write) {
    return [&killed, write](std::string_view bytes) {
      try {
        write(bytes);
      } catch (const fakes::Killed&) {
        killed = true;
      }
    };
  };
  const int code = run_child(
      process.command(), env,
      [&] {
        const bool first = !std::exchange(fed, true);
        return first ? input : std::string();
      },
      passed_on([&](std::string_view bytes) { process.write_stdout(bytes); }),
      passed_on([&](std::string_view bytes) { process.write_stderr(bytes); }));
  if (killed) {
    throw fakes::Killed{};
  }
  return code;
}

LocalDocker::LocalDocker(const PostgresAccess& server, fakes::Program exec) {
  container_.name = "stack-db-1";
  container_.image = "postgres:15";
  container_.state = dockerapi::ContainerState::Running;
  container_.env = {"PATH=" + LocalPostgres::programs().string() + ":/usr/bin:/bin",
                    "POSTGRES_USER=boss", "POSTGRES_PASSWORD=open-sesame", "POSTGRES_DB=app",
                    "PGPORT=" + server.port()};
  engine_.add_image({.id = "cofferdam-image",
                     .tags = {},
                     .digests = {},
                     .architecture = "amd64",
                     .os = "linux",
                     .labels = {}});
  engine_.on_start("cofferdam-image", [this](fakes::Process& process) {
    ++agents_;
    return run_agent(process);
  });
  engine_.on_exec([](const dockerapi::Container&, const std::vector<std::string>&) { return true; },
                  [this, exec = std::move(exec)](fakes::Process& process) {
                    {
                      const std::lock_guard lock(mutex_);
                      for (const auto& word : process.command()) {
                        seen_.push_back(word);
                      }
                    }
                    return exec(process);
                  });
  container_.id = engine_.add_container(container_);
}

void LocalDocker::refuse_agents() {
  engine_.on_start("cofferdam-image", [](fakes::Process&) { return 1; });
}

void LocalDocker::set_environment(const std::string& name, const std::string& value) {
  std::erase_if(container_.env,
                [&](const std::string& one) { return one.starts_with(name + "="); });
  container_.env.push_back(name + "=" + value);
}

int run_child_of(fakes::Process& process, std::string& output) {
  std::vector<std::string> env = process.container().env;
  env.insert(env.end(), process.env().begin(), process.env().end());
  return run_child(
      process.command(), env, [] { return std::string(); },
      [&](std::string_view bytes) { output.append(bytes); }, [](std::string_view) {});
}
