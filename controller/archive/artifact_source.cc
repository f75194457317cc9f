#include <zstd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "controller/archive/artifact.h"
#include "controller/archive/frame_reader.h"
#include "controller/archive/page_buffer.h"
#include "controller/archive/stream_decoder.h"

namespace controller {
namespace {

constexpr std::size_t kPiece = 4U << 20U;   // of a stream that has no frames to hand out
constexpr std::size_t kStored = 1U << 20U;  // read at a time of such a stream

// One piece of the stream on its way from the file through a decompressing thread to the caller.
struct Piece {
  PageBuffer stored;
  std::size_t stored_size = 0;
  PageBuffer raw;
  std::size_t raw_size = 0;
  bool ready = false;
  std::exception_ptr error;  // instead of bytes
};

void make_room(PageBuffer& buffer, std::size_t size) {
  if (buffer.size() < size) {
    buffer = PageBuffer(size);
  }
}

class FrameDecompressor {
 public:
  explicit FrameDecompressor(std::string path) : path_(std::move(path)) {
    if (!context_) {
      throw std::bad_alloc();
    }
  }

  void decompress(Piece& piece) {
    const std::string_view frame(piece.stored.bytes(), piece.stored_size);
    const std::size_t raw = raw_size_of(frame, path_);
    make_room(piece.raw, std::max(raw, std::size_t{1}));
    const std::size_t size = ZSTD_decompressDCtx(context_.get(), piece.raw.bytes(),
                                                 piece.raw.size(), frame.data(), frame.size());
    if (ZSTD_isError(size) != 0) {
      throw IntegrityError(path_ + " is damaged: " + ZSTD_getErrorName(size));
    }
    piece.raw_size = size;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  std::string path_;
  std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
};

}  // namespace

// Pieces are numbered from 0; piece n is in pieces[n % size].  The reading thread fills piece
// `filled`, decompressing threads take those below `framed`, the caller consumes in order, and
// consumed <= filled <= consumed + size.  Each piece belongs to one of them at a time, so that the
// lock is held for the counters only.
struct ArtifactSource::State {
  State(const std::filesystem::path& path, unsigned threads)
      : file(path.string()),
        method(method_of(path.filename().string())),
        workers(method == Compression::Method::Zstd ? std::max(threads, 1U) : 0),
        pieces(std::max(threads, 1U) + 2) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { stop(); }

  void start() {
    for (unsigned i = 0; i < workers; ++i) {
      running.emplace_back([this] { decompress_pieces(); });
    }
    running.emplace_back([this] { read_file(); });
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

  Piece& piece(std::uint64_t number) { return pieces[number % pieces.size()]; }

  // The reading thread.  What it throws becomes the last piece.
  void read_file() {
    try {
      if (method != Compression::Method::Zstd || read_frames()) {
        read_stream();
      }
    } catch (const Stopped&) {
      return;
    } catch (...) {  // rethrown to the caller when it gets there
      if (Piece* const last = free_piece()) {
        last->error = std::current_exception();
        pass_on(Reader::Decoded);
      }
    }
    const std::lock_guard lock(mutex);
    complete = true;
    changed.notify_all();
  }

  // False once the file has been read to its end; true if the rest is no frames of ours.
  bool read_frames() {
    for (;;) {
      Piece& next = claim();
      next.stored_size = frames.next(next.stored);
      if (next.stored_size == 0) {
        if (file.bytes() == 0) {
          throw IntegrityError(file.path() + " is cut: it is empty");
        }
        return !frames.rest().empty();
      }
      pass_on(Reader::Framed);
    }
  }

  void read_stream() {
    const auto decoder = stream_decoder(method, file.path());
    const auto output = [this](std::string_view raw) { append(raw); };
    decoder->decode(frames.rest(), output);
    PageBuffer stored(kStored);
    while (const std::size_t size = file.read(stored.bytes(), stored.size())) {
      decoder->decode({stored.bytes(), size}, output);
    }
    decoder->end();
    if (claimed) {
      pass_on(Reader::Decoded);
    }
  }

  void append(std::string_view raw) {
    while (!raw.empty()) {
      Piece& next = claim();
      make_room(next.raw, kPiece);
      const std::size_t part = std::min(raw.size(), kPiece - next.raw_size);
      std::memcpy(next.raw.bytes() + next.raw_size, raw.data(), part);
      next.raw_size += part;
      raw.remove_prefix(part);
      if (next.raw_size == kPiece) {
        pass_on(Reader::Decoded);
      }
    }
  }

  // The piece being filled.
  Piece& claim() {
    Piece* const next = free_piece();
    if (next == nullptr) {
      throw Stopped();
    }
    if (!claimed) {
      next->raw_size = 0;
      claimed = true;
    }
    return *next;
  }

  Piece* free_piece() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopped || filled - consumed < pieces.size(); });
    return stopped ? nullptr : &piece(filled);
  }

  enum class Reader { Framed, Decoded };

  void pass_on(Reader what) {
    {
      const std::lock_guard lock(mutex);
      piece(filled).ready = what == Reader::Decoded;
      ++filled;
      framed = what == Reader::Framed ? filled : framed;
    }
    claimed = false;
    changed.notify_all();
  }

  void decompress_pieces() {
    std::unique_ptr<FrameDecompressor> decompressor;
    while (Piece* const next = next_to_decompress()) {
      try {
        if (!decompressor) {
          decompressor = std::make_unique<FrameDecompressor>(file.path());
        }
        decompressor->decompress(*next);
      } catch (...) {  // rethrown to the caller when it gets there
        next->error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex);
        next->ready = true;
      }
      changed.notify_all();
    }
  }

  Piece* next_to_decompress() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopped || taken < framed || complete; });
    return stopped || taken == framed ? nullptr : &piece(taken++);
  }

  // The piece the caller is to have next; absent at the end.
  Piece* next_to_consume() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] {
      return (consumed < filled && piece(consumed).ready) || (complete && consumed == filled);
    });
    if (consumed == filled) {
      return nullptr;
    }
    Piece& next = piece(consumed);
    if (next.error) {
      std::rethrow_exception(next.error);
    }
    return &next;
  }

  void consume() {
    {
      const std::lock_guard lock(mutex);
      piece(consumed).ready = false;
      ++consumed;
    }
    changed.notify_all();
  }

  struct Stopped {};

  HashedFile file;  // the reading thread's, until it has ended
  FrameReader frames{file};
  const Compression::Method method;
  const unsigned workers;
  bool claimed = false;         // the reading thread's: piece `filled` is partly full
  bool handed_out = false;      // the caller's: it holds piece `consumed`
  std::uint64_t raw_bytes = 0;  // the caller's

  std::mutex mutex;  // guards all below, and Piece::ready
  std::condition_variable changed;
  std::vector<Piece> pieces;
  std::uint64_t filled = 0;
  std::uint64_t framed = 0;
  std::uint64_t taken = 0;
  std::uint64_t consumed = 0;
  bool complete = false;
  bool stopped = false;

  std::vector<std::thread> running;
};

ArtifactSource::ArtifactSource(std::filesystem::path path, unsigned threads)
    : state_(std::make_unique<State>(path, threads)) {
  state_->start();
}

ArtifactSource::~ArtifactSource() = default;

std::string_view ArtifactSource::read() {
  for (;;) {
    if (std::exchange(state_->handed_out, false)) {
      state_->consume();
    }
    const Piece* const piece = state_->next_to_consume();
    if (piece == nullptr) {
      return {};
    }
    state_->handed_out = true;
    if (piece->raw_size > 0) {
      state_->raw_bytes += piece->raw_size;
      return {piece->raw.bytes(), piece->raw_size};
    }
  }
}

ArtifactDigest ArtifactSource::finish() {
  while (!read().empty()) {
  }
  state_->stop();
  return {state_->raw_bytes, state_->file.bytes(), state_->file.sha256()};
}

}  // namespace controller
