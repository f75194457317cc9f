#include "controller/cli/plugin_install.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "controller/agent/sync_directory.h"
#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"
#include "controller/cli/commands.h"

namespace controller {

namespace {

constexpr mode_t kProgram = 0755;

void copy(const std::filesystem::path& from, const FileDescriptor& to,
          const std::filesystem::path& path) {
  const FileDescriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) {
    throw_errno("open", from);
  }
  std::array<char, 65536> bytes{};
  for (std::uint64_t at = 0;;) {
    const auto got = ::read(source.fd(), bytes.data(), bytes.size());
    if (got < 0) {
      throw_errno("read", from);
    }
    if (got == 0) {
      return;
    }
    const auto size = static_cast<std::size_t>(got);
    write_at(to.fd(), std::string_view(bytes.data(), size), at, path);
    at += size;
  }
}

}  // namespace

std::filesystem::path install_plugin(const std::filesystem::path& plugin,
                                     const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw UsageError(folder.string() +
                     " is not a folder; mount the one that holds the docker CLI's plugins there: "
                     "docker run --rm -v ~/.docker/cli-plugins:" +
                     folder.string() + " IMAGE plugin install");
  }
  auto path = folder / kPluginName;
  const auto fresh = folder / ("." + std::string(kPluginName) + ".new");
  const FileDescriptor file(::open(
      fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    throw_errno("open", fresh);
  }
  copy(plugin, file, fresh);
  if (::fchmod(file.fd(), kProgram) != 0) {
    throw_errno("set the mode of", fresh);
  }
  if (::fsync(file.fd()) != 0) {
    throw_errno("sync", fresh);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    throw_errno("rename", fresh);
  }
  sync_directory(folder);
  return path;
}

ExitCode run_plugin_install(const CommandContext& context, const std::string& folder) {
  // The image has it beside the program, and so has a build.
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  const auto path = install_plugin(program.parent_path() / kPluginName, folder);
  if (!context.output.quiet) {
    complain(context.output,
             path.string() +
                 " is in place: `docker backup` works where its folder is one of the "
                 "docker CLI's plugins");
  }
  return ExitCode::Success;
}

}  // namespace controller
