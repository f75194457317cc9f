cofferdam_library(controller_archive
  SOURCES
    controller/archive/artifact_sink.cc
    controller/archive/artifact_source.cc
    controller/archive/compression.cc
    controller/archive/frame_compressor.cc
    controller/archive/frame_reader.cc
    controller/archive/page_buffer.cc
    controller/archive/polite_reader.cc
    controller/archive/sha256.cc
    controller/archive/stored_file.cc
    controller/archive/stream_decoder.cc
    controller/archive/system_call.cc
  LIBS OpenSSL::Crypto PkgConfig::ZSTD PkgConfig::ZLIB ${LIBARCHIVE_STATIC})
