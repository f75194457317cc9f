#include "controller/cli/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fakes/temporary_folder.h"

namespace controller {
namespace {

class ControlSocketTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path socket() const {
    return folder_.path() / "cofferdam" / "x.sock";
  }

  TemporaryFolder folder_;
};

TEST_F(ControlSocketTest, IsOfOneStoreStateAndProject) {
  Settings one;
  one.store = "/backups";
  auto project = one;
  project.project = "shop";
  auto store = one;
  store.store = "/other";
  auto state = one;
  state.state = "/var/state.db";

  EXPECT_EQ(control_socket(one), control_socket(one));
  for (const auto& other : {project, store, state}) {
    EXPECT_NE(control_socket(one), control_socket(other));
  }
}

TEST_F(ControlSocketTest, CarriesMessagesWithDescriptors) {
  const auto listener = listen_for_commands(socket());
  const auto connection = connect_to_serve(socket());
  ASSERT_TRUE(connection);
  const FileDescriptor accepted(::accept(listener.fd(), nullptr, nullptr));
  const std::string large(100'000, 'x');

  ASSERT_TRUE(send_message(connection->fd(), "with", {0, 1, 2}));
  ASSERT_TRUE(send_message(connection->fd(), large));
  const auto first = receive_message(accepted.fd());
  const auto second = receive_message(accepted.fd());

  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->text, "with");
  for (const auto& descriptor : first->descriptors) {
    EXPECT_TRUE(descriptor);
  }
  EXPECT_EQ(second->text, large);
  EXPECT_FALSE(second->descriptors[0]);
}

TEST_F(ControlSocketTest, KnowsThatTheOtherSideIsGone) {
  const auto listener = listen_for_commands(socket());
  auto connection = connect_to_serve(socket());
  const FileDescriptor accepted(::accept(listener.fd(), nullptr, nullptr));

  connection->reset();

  EXPECT_FALSE(receive_message(accepted.fd()));
  EXPECT_FALSE(send_message(accepted.fd(), "nobody hears it"));
}

TEST_F(ControlSocketTest, IsForOneServeAtATime) {
  {
    const auto alive = listen_for_commands(socket());
    EXPECT_THROW(listen_for_commands(socket()), SettingError);
  }
  EXPECT_FALSE(connect_to_serve(socket())) << "its file is left, and nobody listens";
  const auto next = listen_for_commands(socket());
  EXPECT_TRUE(connect_to_serve(socket()));
}

TEST_F(ControlSocketTest, IsNeitherMadeNorTrustedWhereOthersCouldWrite) {
  const auto listener = listen_for_commands(socket());
  ASSERT_EQ(::chmod(socket().parent_path().c_str(), 0777), 0);
  EXPECT_FALSE(connect_to_serve(socket()));
  // `serve` goes on without it then.
  EXPECT_THROW(listen_for_commands(socket()), std::system_error);
}

TEST_F(ControlSocketTest, IsOpenToItsUserAlone) {
  const auto listener = listen_for_commands(socket());
  struct stat found {};
  ASSERT_EQ(::stat(socket().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(socket().parent_path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0700U);
}

}  // namespace
}  // namespace controller
