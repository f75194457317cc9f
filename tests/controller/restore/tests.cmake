cofferdam_test(restore_test
  SOURCES
    tests/controller/restore/restore_fault_test.cc
    tests/controller/restore/restore_plan_test.cc
    tests/controller/restore/restore_test.cc
    tests/controller/restore/restored_shop.cc
    tests/controller/restore/rollback_test.cc
    tests/controller/restore/staging_room_test.cc
    tests/controller/restore/table_restore_test.cc
  LIBS fake_shell shop_fixture stack_text
)
