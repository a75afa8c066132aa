-- Tables of the ledger, from the files that the bank sends.
CREATE OR REPLACE TABLE accounts AS
SELECT * FROM read_csv('incoming/accounts.csv', header = true);

CREATE OR REPLACE TABLE bookings (account VARCHAR, day DATE, amount DECIMAL(12, 2), reference VARCHAR);
COPY bookings FROM 'incoming/bookings.csv' (DELIMITER ';', HEADER);

DELETE FROM bookings WHERE account NOT IN (SELECT id FROM accounts);
