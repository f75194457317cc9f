#include "controller/archive/frame_compressor.h"

#include <zlib.h>
#include <zstd.h>

#include <limits>
#include <new>
#include <stdexcept>

namespace controller {
namespace {

class ZstdFrames : public FrameCompressor {
 public:
  explicit ZstdFrames(int level) : context_(ZSTD_createCCtx()) {
    if (!context_) {
      throw std::bad_alloc();
    }
    set(ZSTD_c_compressionLevel, level);
    set(ZSTD_c_checksumFlag, 1);
  }

  [[nodiscard]] std::size_t bound(std::size_t raw) const override {
    return ZSTD_compressBound(raw);
  }

  std::size_t compress(std::string_view raw, PageBuffer& out) override {
    return checked(ZSTD_compress2(context_.get(), out.bytes(), out.size(), raw.data(), raw.size()));
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  static std::size_t checked(std::size_t result) {
    if (ZSTD_isError(result) != 0) {
      throw std::runtime_error(std::string("cannot compress: ") + ZSTD_getErrorName(result));
    }
    return result;
  }

  void set(ZSTD_cParameter parameter, int value) {
    checked(ZSTD_CCtx_setParameter(context_.get(), parameter, value));
  }

  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

class GzipMembers : public FrameCompressor {
 public:
  explicit GzipMembers(int level) {
    static constexpr int kGzipWrapper = 16;
    if (deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + kGzipWrapper, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  GzipMembers(const GzipMembers&) = delete;
  GzipMembers& operator=(const GzipMembers&) = delete;
  ~GzipMembers() override { deflateEnd(&stream_); }

  [[nodiscard]] std::size_t bound(std::size_t raw) const override {
    static constexpr std::size_t kOfItsOwn = 1024;  // header, trailer, blocks
    return raw + raw / 1000 + kOfItsOwn;
  }

  std::size_t compress(std::string_view raw, PageBuffer& out) override {
    deflateReset(&stream_);
    // zlib's input pointer lacks the const; it only reads.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
    stream_.avail_in = static_cast<uInt>(raw.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.bytes());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) {
      throw std::runtime_error("cannot compress: zlib needs more room than it promised");
    }
    return out.size() - stream_.avail_out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<FrameCompressor> frame_compressor(const Compression& compression) {
  switch (compression.method) {
    case Compression::Method::Zstd:
      return std::make_unique<ZstdFrames>(compression.level);
    case Compression::Method::Gzip:
      return std::make_unique<GzipMembers>(compression.level);
    case Compression::Method::None:
      break;
  }
  return nullptr;
}

}  // namespace controller
