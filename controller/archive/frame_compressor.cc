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
  explicit ZstdFrames(int level) : level_(level), context_(ZSTD_createCCtx()) {
    if (!context_) {
      throw std::bad_alloc();
    }
    set(ZSTD_c_checksumFlag, 1);
  }

  [[nodiscard]] std::size_t bound(std::size_t raw) const override {
    return ZSTD_compressBound(raw);
  }

  std::size_t compress(std::string_view raw, PageBuffer& out) override {
    const bool noise = raw.size() > kProbed && is_noise(raw);
    return compress(raw, noise ? kFastest : level_, out);
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  static constexpr std::size_t kSamples = 8;
  static constexpr std::size_t kSample = 4096;
  static constexpr std::size_t kProbed = kSamples * kSample;
  static constexpr int kFastest = -50;  // finds next to nothing, several times as fast as level 1

  std::size_t compress(std::string_view raw, int level, PageBuffer& out) {
    set(ZSTD_c_compressionLevel, level);
    return checked(ZSTD_compress2(context_.get(), out.bytes(), out.size(), raw.data(), raw.size()));
  }

  // What is compressed or encrypted already (pictures, archives) does not become smaller, whatever
  // the level: samples from all over the frame tell, in a hundredth of the time.
  bool is_noise(std::string_view raw) {
    const std::size_t distance = (raw.size() - kSample) / (kSamples - 1);
    for (std::size_t i = 0; i < kSamples; ++i) {
      raw.copy(sample_.bytes() + i * kSample, kSample, i * distance);
    }
    const std::size_t size = compress({sample_.bytes(), kProbed}, 1, probe_);
    return size > kProbed - kProbed / 64;
  }

  static std::size_t checked(std::size_t result) {
    if (ZSTD_isError(result) != 0) {
      throw std::runtime_error(std::string("cannot compress: ") + ZSTD_getErrorName(result));
    }
    return result;
  }

  void set(ZSTD_cParameter parameter, int value) {
    checked(ZSTD_CCtx_setParameter(context_.get(), parameter, value));
  }

  int level_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  PageBuffer sample_{kProbed};
  PageBuffer probe_{ZSTD_compressBound(kProbed)};
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
