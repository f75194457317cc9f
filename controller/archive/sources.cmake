cofferdam_library(controller_archive
  SOURCES
    controller/archive/archive_reader.cc
    controller/archive/archive_volume.cc
    controller/archive/artifact_sink.cc
    controller/archive/artifact_source.cc
    controller/archive/attribute_writer.cc
    controller/archive/beneath.cc
    controller/archive/compression.cc
    controller/archive/directory_stack.cc
    controller/archive/entry_name.cc
    controller/archive/exclusion.cc
    controller/archive/extended_attributes.cc
    controller/archive/extract_file.cc
    controller/archive/extract_volume.cc
    controller/archive/frame_compressor.cc
    controller/archive/frame_reader.cc
    controller/archive/measure_tree.cc
    controller/archive/new_file.cc
    controller/archive/ordered_jobs.cc
    controller/archive/page_buffer.cc
    controller/archive/polite_reader.cc
    controller/archive/posix_acl.cc
    controller/archive/problem_log.cc
    controller/archive/read_archive.cc
    controller/archive/scan_thread.cc
    controller/archive/sha256.cc
    controller/archive/sparse_map.cc
    controller/archive/stored_file.cc
    controller/archive/stream_decoder.cc
    controller/archive/system_call.cc
    controller/archive/tar_writer.cc
    controller/archive/tree_removal.cc
    controller/archive/tree_scan.cc
    controller/archive/tree_walk.cc
  LIBS OpenSSL::Crypto PkgConfig::ZSTD PkgConfig::ZLIB ${LIBARCHIVE_STATIC})

# libarchive's PAX writer lies in one object with a list of all formats.  What only they need
# (xml2, nettle, lzma, …) is never called, and dropped instead of linked.
# Some of it would be found in what libpq links; say that this is fine.
target_link_options(controller_archive PUBLIC LINKER:--gc-sections LINKER:--copy-dt-needed-entries)
