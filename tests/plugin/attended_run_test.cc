#include "plugin/attended_run.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include "controller/archive/file_descriptor.h"
#include "tests/fakes/temporary_folder.h"

namespace plugin {
namespace {

using controller::FileDescriptor;

TEST(PluginInterrupts, CountsEverySignal) {
  Interrupts interrupts;
  interrupts.heard_signal();
  interrupts.heard_signal();

  EXPECT_EQ(interrupts.take(), 2);
  EXPECT_EQ(interrupts.take(), 0);
}

// The terminal tells all processes, the CLI tells its plugin once more, in either order.
TEST(PluginInterrupts, CountsASignalAndTheFarewellAsOne) {
  Interrupts signal_first;
  signal_first.heard_signal();
  EXPECT_EQ(signal_first.take(), 1);
  signal_first.heard_farewell();
  EXPECT_EQ(signal_first.take(), 0);

  Interrupts farewell_first;
  farewell_first.heard_farewell();
  EXPECT_EQ(farewell_first.take(), 1);
  farewell_first.heard_signal();
  EXPECT_EQ(farewell_first.take(), 0);
  farewell_first.heard_signal();
  EXPECT_EQ(farewell_first.take(), 1);
}

TEST(PluginAttendedRun, ReturnsTheExitCode) {
  EXPECT_EQ(attended_run({"sh", "-c", "exit 3"}, ""), 3);
  EXPECT_EQ(attended_run({"sh", "-c", "kill -KILL $$"}, ""), 128 + SIGKILL);
  EXPECT_THROW(attended_run({"/no/such/program"}, ""), std::system_error);
}

/// Exits with 7 once it has read a Ctrl-C; before that it says by its file that it runs.
std::vector<std::string> until_interrupted(const std::string& signal_to_parent) {
  return {"sh", "-c", signal_to_parent + "; test \"$(head -c 1 | od -An -tx1)\" = ' 03' && exit 7"};
}

// A signal for both would end a command that does not heed it.
TEST(PluginAttendedRun, TypesCtrlCForASignal) {
  EXPECT_EQ(attended_run(until_interrupted("kill -INT $PPID"), ""), 7);
  EXPECT_EQ(attended_run(until_interrupted("kill -TERM $PPID"), ""), 7);
}

TEST(PluginAttendedRun, LeavesTheCommandAloneAfterAHangup) {
  EXPECT_EQ(attended_run({"sh", "-c", "kill -HUP $PPID; cat"}, ""), 128 + SIGHUP);
}

FileDescriptor listen_at(const std::string& path) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const void* bytes = &address;
  EXPECT_EQ(::bind(socket.fd(), static_cast<const sockaddr*>(bytes), sizeof address), 0);
  EXPECT_EQ(::listen(socket.fd(), 1), 0);
  return socket;
}

TEST(PluginAttendedRun, TypesCtrlCWhenTheCliSaysFarewell) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "cli.sock").string();
  const auto socket = listen_at(path);
  std::thread cli([&] { FileDescriptor(::accept4(socket.fd(), nullptr, nullptr, SOCK_CLOEXEC)); });

  EXPECT_EQ(attended_run(until_interrupted("true"), path), 7);

  cli.join();
}

}  // namespace
}  // namespace plugin
