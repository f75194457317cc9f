set(CONTROLLER_PLAN_SOURCES
  controller/plan/artifact_names.cc
  controller/plan/capture_plan.cc
  controller/plan/coverage.cc
  controller/plan/database_choice.cc
  controller/plan/detections.cc
  controller/plan/flags.cc
  controller/plan/hook.cc
  controller/plan/hook_settings.cc
  controller/plan/plan_json.cc
  controller/plan/plan_text.cc
  controller/plan/planned_hook.cc
  controller/plan/platform_version.cc
  controller/plan/policy.cc
  controller/plan/policy_file.cc
  controller/plan/schedule_labels.cc
  controller/plan/secrets.cc
  controller/plan/selection.cc
  controller/plan/settings.cc
  controller/plan/stop_set.cc
)
cofferdam_library(controller_plan SOURCES ${CONTROLLER_PLAN_SOURCES}
  LIBS controller_snapshot compose controller_database PkgConfig::YAMLCPP nlohmann_json::nlohmann_json)
