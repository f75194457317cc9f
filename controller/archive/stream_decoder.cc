#include "controller/archive/stream_decoder.h"

#include <zlib.h>
#include <zstd.h>

#include <new>
#include <utility>

#include "controller/archive/artifact.h"
#include "controller/archive/page_buffer.h"

namespace controller {
namespace {

constexpr std::size_t kPiece = 1U << 20U;

class ZstdStream : public StreamDecoder {
 public:
  explicit ZstdStream(std::string path) : path_(std::move(path)), context_(ZSTD_createDCtx()) {
    if (!context_) {
      throw std::bad_alloc();
    }
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  }

  void decode(std::string_view stored, const Output& output) override {
    ZSTD_inBuffer in{stored.data(), stored.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      ZSTD_outBuffer out{piece_.bytes(), piece_.size(), 0};
      pending_ = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(pending_) != 0) {
        throw IntegrityError(path_ + " is damaged: " + ZSTD_getErrorName(pending_));
      }
      full = out.pos == out.size;
      output({piece_.bytes(), out.pos});
    }
  }

  void end() override {
    if (pending_ != 0) {
      throw IntegrityError(path_ + " is cut: it ends within a zstd frame");
    }
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  std::string path_;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  PageBuffer piece_{kPiece};
  std::size_t pending_ = 1;  // what the decoder still expects; 0 between frames
};

class GzipStream : public StreamDecoder {
 public:
  explicit GzipStream(std::string path) : path_(std::move(path)) {
    static constexpr int kGzipWrapper = 16;
    if (inflateInit2(&stream_, MAX_WBITS + kGzipWrapper) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() override { inflateEnd(&stream_); }

  void decode(std::string_view stored, const Output& output) override {
    // zlib's input pointer lacks the const; it only reads.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));
    stream_.avail_in = static_cast<uInt>(stored.size());
    bool full = false;
    while (stream_.avail_in > 0 || full) {
      if (between_members_) {
        inflateReset(&stream_);
        between_members_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(piece_.bytes());
      stream_.avail_out = static_cast<uInt>(piece_.size());
      step();
      full = stream_.avail_out == 0 && !between_members_;
      output({piece_.bytes(), piece_.size() - stream_.avail_out});
    }
  }

  void end() override {
    if (!between_members_ || !started_) {
      throw IntegrityError(path_ + " is cut: it ends within a gzip member");
    }
  }

 private:
  void step() {
    const int result = inflate(&stream_, Z_NO_FLUSH);
    started_ = true;
    between_members_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      throw IntegrityError(
          path_ + " is damaged: " + (stream_.msg != nullptr ? stream_.msg : "no gzip data"));
    }
  }

  std::string path_;
  z_stream stream_{};
  PageBuffer piece_{kPiece};
  bool started_ = false;
  bool between_members_ = false;
};

class PlainStream : public StreamDecoder {
 public:
  void decode(std::string_view stored, const Output& output) override { output(stored); }
  void end() override {}
};

}  // namespace

std::unique_ptr<StreamDecoder> stream_decoder(Compression::Method method, const std::string& path) {
  switch (method) {
    case Compression::Method::Zstd:
      return std::make_unique<ZstdStream>(path);
    case Compression::Method::Gzip:
      return std::make_unique<GzipStream>(path);
    case Compression::Method::None:
      break;
  }
  return std::make_unique<PlainStream>();
}

}  // namespace controller
