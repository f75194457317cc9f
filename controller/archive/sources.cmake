cofferdam_library(controller_archive
  SOURCES
    controller/archive/compression.cc
  LIBS OpenSSL::Crypto PkgConfig::ZSTD PkgConfig::ZLIB ${LIBARCHIVE_STATIC})
