#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "controller/archive/artifact.h"
#include "controller/archive/frame_compressor.h"
#include "controller/archive/page_buffer.h"
#include "controller/archive/stored_file.h"

namespace controller {
namespace {

constexpr std::size_t kFrame = 4U << 20U;

// One frame on its way from the caller through a compressing thread to the file.
struct Frame {
  PageBuffer raw{kFrame};
  std::size_t raw_size = 0;
  PageBuffer compressed;
  std::string_view stored;  // what goes to the file: in one of the two
  bool ready = false;       // to be written
};

}  // namespace

// Frames are numbered from 0; frame n is in frames_[n % size].  The caller fills frame filled_,
// compressing threads take taken_ ... filled_ - 1, the writing thread writes in order, and
// written_ <= taken_ <= filled_ <= written_ + size.  Each frame belongs to one of them at a time,
// so that the lock is held for the counters only.
struct ArtifactSink::State {
  State(std::filesystem::path path, Compression method, unsigned threads)
      : compression(method), file(std::move(path)), frames(std::max(threads, 1U) + 2) {
    const bool stored_as_is = compression.method == Compression::Method::None;
    workers = stored_as_is ? 0 : std::max(threads, 1U);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() { stop(); }

  void start() {
    for (unsigned i = 0; i < workers; ++i) {
      running.emplace_back([this] { guarded([this] { compress_frames(); }); });
    }
    running.emplace_back([this] { guarded([this] { write_frames(); }); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopped = true;
    }
    changed.notify_all();
    for (auto& thread : running) {
      thread.join();
    }
    running.clear();
  }

  Frame& frame(std::uint64_t number) { return frames[number % frames.size()]; }

  template <typename Work>
  void guarded(const Work& work) {
    try {
      work();
    } catch (...) {  // rethrown to the caller by the next write() or close()
      const std::lock_guard lock(mutex);
      error = error ? error : std::current_exception();
      stopped = true;
    }
    changed.notify_all();
  }

  void compress_frames() {
    const auto compressor = frame_compressor(compression);
    while (Frame* const taken_frame = next_to_compress()) {
      Frame& work = *taken_frame;
      if (work.compressed.size() == 0) {
        work.compressed = PageBuffer(compressor->bound(kFrame));
      }
      const std::string_view raw(work.raw.bytes(), work.raw_size);
      const std::size_t size = compressor->compress(raw, work.compressed);
      work.stored = {work.compressed.bytes(), size};
      {
        const std::lock_guard lock(mutex);
        work.ready = true;
      }
      changed.notify_all();
    }
  }

  Frame* next_to_compress() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopped || taken < filled || complete; });
    return stopped || taken == filled ? nullptr : &frame(taken++);
  }

  void write_frames() {
    while (Frame* const next = next_to_write()) {
      file.write(next->stored);
      {
        const std::lock_guard lock(mutex);
        next->ready = false;
        ++written;
      }
      changed.notify_all();
    }
  }

  Frame* next_to_write() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] {
      return stopped || frame(written).ready || (complete && written == filled);
    });
    return stopped || !frame(written).ready ? nullptr : &frame(written);
  }

  // The frame to fill, once it is free.  Throws what a thread has thrown.
  Frame& open_frame() {
    if (!filling) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stopped || filled - written < frames.size(); });
      rethrow();
      filling = true;
      frame(filled).raw_size = 0;
    }
    return frame(filled);
  }

  void pass_on() {
    {
      const std::lock_guard lock(mutex);
      Frame& full = frame(filled);
      if (workers == 0) {
        full.stored = {full.raw.bytes(), full.raw_size};
        full.ready = true;
      }
      ++filled;
    }
    filling = false;
    changed.notify_all();
  }

  // With the lock held.
  void rethrow() const {
    if (error) {
      std::rethrow_exception(error);
    }
  }

  void finish() {
    // An empty stream is one empty frame: stock tools refuse an empty file.
    if (filling || (filled == 0 && workers > 0)) {
      open_frame();
      pass_on();
    }
    {
      const std::lock_guard lock(mutex);
      complete = true;
    }
    changed.notify_all();
    for (auto& thread : running) {
      thread.join();
    }
    running.clear();
    rethrow();
  }

  const Compression compression;
  StoredFile file;
  std::vector<Frame> frames;
  unsigned workers = 0;
  std::atomic<std::uint64_t> raw_bytes{0};
  bool filling = false;  // the caller's: frame filled_ is partly full

  std::mutex mutex;  // guards all below, and Frame::ready
  std::condition_variable changed;
  std::uint64_t filled = 0;
  std::uint64_t taken = 0;
  std::uint64_t written = 0;
  bool complete = false;  // the caller has nothing more
  bool stopped = false;   // given up
  std::exception_ptr error;

  std::vector<std::thread> running;
};

ArtifactSink::ArtifactSink(std::filesystem::path path, Compression compression, unsigned threads)
    : state_(std::make_unique<State>(std::move(path), compression, threads)) {
  state_->start();
}

ArtifactSink::~ArtifactSink() = default;

void ArtifactSink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    Frame& frame = state_->open_frame();
    const std::size_t taken = std::min(bytes.size(), kFrame - frame.raw_size);
    std::memcpy(frame.raw.bytes() + frame.raw_size, bytes.data(), taken);
    frame.raw_size += taken;
    state_->raw_bytes += taken;
    bytes.remove_prefix(taken);
    if (frame.raw_size == kFrame) {
      state_->pass_on();
    }
  }
}

ArtifactDigest ArtifactSink::close() {
  // Whatever throws here, the file goes with the state.
  const auto state = std::move(state_);
  state->finish();
  std::string sha256 = state->file.finish();
  return {state->raw_bytes, state->file.size(), std::move(sha256)};
}

std::uint64_t ArtifactSink::raw_bytes() const {
  return state_ ? state_->raw_bytes.load() : 0;
}

std::uint64_t ArtifactSink::stored_bytes() const {
  return state_ ? state_->file.size() : 0;
}

}  // namespace controller
