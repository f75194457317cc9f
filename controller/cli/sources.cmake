# What commands print, as text that tests can read.
cofferdam_library(controller_views
  SOURCES
    controller/cli/check_views.cc
    controller/cli/completion.cc
    controller/cli/job_views.cc
    controller/cli/json_view.cc
    controller/cli/progress_view.cc
    controller/cli/remote_views.cc
    controller/cli/retention_views.cc
    controller/cli/snapshot_views.cc
    controller/cli/text_table.cc
  LIBS controller_jobs controller_remote controller_retention controller_snapshot controller_units nlohmann_json::nlohmann_json)

cofferdam_library(controller_cli
  SOURCES
    controller/cli/agent_command.cc
    controller/cli/confirmation.cc
    controller/cli/copy_commands.cc
    controller/cli/create_command.cc
    controller/cli/drill_command.cc
    controller/cli/exit_code.cc
    controller/cli/health_endpoint.cc
    controller/cli/job_commands.cc
    controller/cli/job_diary.cc
    controller/cli/open_destination.cc
    controller/cli/output.cc
    controller/cli/point_commands.cc
    controller/cli/program.cc
    controller/cli/reporter.cc
    controller/cli/restore_command.cc
    controller/cli/restore_views.cc
    controller/cli/retention_commands.cc
    controller/cli/retention_settings.cc
    controller/cli/serve_command.cc
    controller/cli/setting_values.cc
    controller/cli/settings.cc
    controller/cli/signals.cc
    controller/cli/snapshot_commands.cc
    controller/cli/workplace.cc
    controller/cli/destination_settings.cc
    controller/cli/store_command.cc
  LIBS controller_views controller_recovery controller_remote controller_restore PkgConfig::YAMLCPP CLI11::CLI11 PkgConfig::HTTPLIB
       nlohmann_json::nlohmann_json)
