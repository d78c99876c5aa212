package io.clipper.storage;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;
import org.h2.api.ErrorCode;

/**
 * Which of H2's failures may be the end of a database. No connection that had one is given out again: what it was about to commit is there
 * for it to read, and in no file.
 */
public final class GivenUp implements SQLExceptionOverride {
  private static final Set<Integer> CODES =
      Set.of(
          ErrorCode.GENERAL_ERROR_1, // a write that failed, for each whose commit was in it
          ErrorCode.IO_EXCEPTION_1,
          ErrorCode.IO_EXCEPTION_2,
          ErrorCode.FILE_CORRUPTED_1,
          ErrorCode.DATABASE_IS_CLOSED);

  @java.lang.Override
  public Override adjudicate(SQLException failed) {
    return CODES.contains(failed.getErrorCode()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
  }
}
