// A restored tree that takes the place of the live one by an exchange of two sibling directories.
#pragma once

#include <string>

#include "controller/agent/protocol.h"

namespace controller {

/// Makes the staging directory, empty.  Throws std::system_error if something is there already.
void make_staging_place(const RestoreTree& tree);

/// Notes on the disk, beside the staging place, what `job` has in it: an exchange swaps the
/// directories' names and not their inodes, so the note tells on which side of its exchange a crash
/// of that job was.  What earlier jobs had noted there goes.  Call when the staged tree is whole.
/// Throws std::system_error, also if nothing is staged.
void note_staged(const RestoreTree& tree, const std::string& job);

/// One system call and its sync; undone by the same.
void exchange(const RestoreTree& tree);

/// True if what `job` noted as staged is the live tree.  False if it noted nothing.
bool is_exchanged(const RestoreTree& tree, const std::string& job);

/// Removes the staging place with what is in it, and the notes.  Missing ones are no error.
void remove_staging_place(const RestoreTree& tree);

}  // namespace controller
