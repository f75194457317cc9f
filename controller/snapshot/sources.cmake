cofferdam_library(controller_clock SOURCES controller/clock.cc)
cofferdam_library(controller_units SOURCES controller/units.cc)
cofferdam_library(controller_snapshot
  SOURCES
    controller/snapshot/artifact_path.cc
    controller/snapshot/byte_escapes.cc
    controller/snapshot/check_report.cc
    controller/snapshot/directory_draft.cc
    controller/snapshot/directory_store.cc
    controller/snapshot/listing_notes.cc
    controller/snapshot/manifest.cc
    controller/snapshot/manifest_file.cc
    controller/snapshot/manifest_head.cc
    controller/snapshot/manifest_json.cc
    controller/snapshot/manifest_seal.cc
    controller/snapshot/pin_files.cc
    controller/snapshot/recovery_commands.cc
    controller/snapshot/recovery_text.cc
    controller/snapshot/report_files.cc
    controller/snapshot/shell_quote.cc
    controller/snapshot/snapshot_listing.cc
    controller/snapshot/snapshot_name.cc
    controller/snapshot/snapshot_stream.cc
    controller/snapshot/snapshot_summary.cc
    controller/snapshot/store_files.cc
    controller/snapshot/store_lock.cc
    controller/snapshot/trash_files.cc
    controller/snapshot/verification.cc
  LIBS controller_archive controller_clock nlohmann_json::nlohmann_json)
