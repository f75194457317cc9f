#include "controller/cli/handed_job.h"

#include <gtest/gtest.h>

namespace controller {
namespace {

TEST(HandedJobMessages, CarryAnyBytes) {
  const JobRequest request{
      {"create", "--name", "", "two\nlines \xFF"}, {"A=b", "TERM="}, "/tmp/x y"};
  const auto read = request_of_message(to_message(request));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->words, request.words);
  EXPECT_EQ(read->environment, request.environment);
  EXPECT_EQ(read->folder, request.folder);
}

TEST(HandedJobMessages, OfOthersAreNotTakenForOurs) {
  const std::string whole = to_message(JobRequest{{"create"}, {}, "/"});
  EXPECT_TRUE(request_of_message(whole));
  for (const auto& text :
       {std::string(), std::string("cancel"), whole.substr(0, whole.size() - 1),
        std::string("/\0x\0", 4), std::string("/\0-1\0", 5), std::string("/\0002\0create\0", 11)}) {
    EXPECT_FALSE(request_of_message(text)) << testing::PrintToString(text);
  }
}

TEST(HandedJobMessages, TellOfAJob) {
  EXPECT_EQ(to_message(JobNotice{"ab12", "queued", {}, {}}), R"({"job":"ab12","state":"queued"})");
  for (const auto& notice :
       {JobNotice{"ab12", "running", {}, {}}, JobNotice{{}, {}, 0, {}}, JobNotice{{}, {}, 137, {}},
        JobNotice{{}, {}, {}, "serve is ending"}}) {
    EXPECT_EQ(notice_of_message(to_message(notice)), notice);
  }
  EXPECT_EQ(notice_of_message("["), JobNotice());
  EXPECT_EQ(notice_of_message("7"), JobNotice());
}

}  // namespace
}  // namespace controller
