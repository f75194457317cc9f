cofferdam_test(views_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/cli/check_views_test.cc
    tests/controller/cli/completion_test.cc
    tests/controller/cli/job_views_test.cc
    tests/controller/cli/json_log_test.cc
    tests/controller/cli/json_view_test.cc
    tests/controller/cli/notify_views_test.cc
    tests/controller/cli/progress_view_test.cc
    tests/controller/cli/remote_views_test.cc
    tests/controller/cli/retention_views_test.cc
    tests/controller/cli/snapshot_views_test.cc
    tests/controller/snapshot/example_manifest.cc
  LIBS controller_views)

cofferdam_test(cli_test
  SOURCES
    tests/controller/archive/temporary_directory.cc
    tests/controller/cli/control_socket_test.cc
    tests/controller/cli/exit_code_test.cc
    tests/controller/cli/handed_job_test.cc
    tests/controller/cli/job_notices_test.cc
    tests/controller/cli/job_server_test.cc
    tests/controller/cli/notify_settings_test.cc
    tests/controller/cli/plugin_install_test.cc
    tests/controller/cli/reporter_test.cc
    tests/controller/cli/restore_views_test.cc
    tests/controller/cli/schedule_settings_test.cc
    tests/controller/cli/settings_test.cc
    tests/controller/cli/destination_settings_test.cc
    tests/controller/cli/turn_test.cc
    tests/controller/cli/typed_interrupts_test.cc
    tests/controller/cli/wellbeing_test.cc
  LIBS controller_cli)
