#include "dockerapi/frame_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "dockerapi/error.h"

namespace dockerapi {
namespace {

std::string frame(char channel, const std::string& payload) {
  const auto size = payload.size();
  return std::string{channel, 0, 0, 0} +
         std::string{static_cast<char>(size >> 24U), static_cast<char>(size >> 16U),
                     static_cast<char>(size >> 8U), static_cast<char>(size)} +
         payload;
}

/// What a decoder delivered: "o:" and "e:" where the channel changes.
class Transcript {
 public:
  void take(std::string_view bytes) {
    while (const auto chunk = decoder_.next(bytes)) {
      const std::string mark = chunk->channel == Channel::Stdout ? "o:" : "e:";
      text_ += mark == last_ ? "" : mark;
      text_ += chunk->bytes;
      last_ = mark;
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool inside_frame() const { return decoder_.inside_frame(); }

 private:
  FrameDecoder decoder_;
  std::string text_;
  std::string last_;
};

std::string decoded(std::string_view bytes) {
  Transcript transcript;
  transcript.take(bytes);
  return transcript.text();
}

TEST(FrameDecoder, GivesTheSameWhereverTheBytesAreCut) {
  const std::string stream =
      frame(1, "first") + frame(2, "second") + frame(1, "") + frame(1, "third");
  const std::string expected = "o:firste:secondo:third";

  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Transcript transcript;

    transcript.take(std::string_view(stream).substr(0, cut));
    transcript.take(std::string_view(stream).substr(cut));

    EXPECT_EQ(transcript.text(), expected) << "cut at " << cut;
    EXPECT_FALSE(transcript.inside_frame());
  }
}

TEST(FrameDecoder, GivesTheSameByteByByte) {
  const std::string stream = frame(1, "first") + frame(2, "second");
  Transcript transcript;

  for (const char byte : stream) {
    transcript.take({&byte, 1});
  }

  EXPECT_EQ(transcript.text(), "o:firste:second");
}

TEST(FrameDecoder, KnowsThatItIsInsideAFrame) {
  const auto stream = frame(1, "first");
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    Transcript transcript;
    transcript.take(std::string_view(stream).substr(0, cut));
    EXPECT_TRUE(transcript.inside_frame()) << "cut at " << cut;
  }
}

TEST(FrameDecoder, ReadsALengthOfFourBytes) {
  const std::string large(70'000, 'x');

  EXPECT_EQ(decoded(frame(1, large)), "o:" + large);
}

TEST(FrameDecoder, ShowsTheEnginesOwnErrorsOnStderr) {
  EXPECT_EQ(decoded(frame(3, "broken")), "e:broken");
}

TEST(FrameDecoder, RefusesWhatIsNoFrame) {
  EXPECT_THROW(decoded("plain text of a terminal"), Error);
}

}  // namespace
}  // namespace dockerapi
